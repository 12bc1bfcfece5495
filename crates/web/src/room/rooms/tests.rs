//! Who is in a room, and who hears what is on.

use hearback_domain::Span;
use uuid::Uuid;

use super::*;

const ROOM: Key = Key::Briefing(RecordingId::from_uuid(Uuid::nil()));

fn who(n: u128, part: Part) -> Who {
    let id = Uuid::from_u128(n);
    let (user, session) = (UserId::from_uuid(id), SessionId::from_uuid(id));
    Who { user, session, name: format!("Person {n}"), part }
}

struct Here {
    seat: Seat,
    who: Who,
    presence: Option<Presence>,
}

fn come(rooms: &Arc<Rooms>, n: u128, part: Part) -> Here {
    come_to(rooms, ROOM, n, part)
}

fn come_to(rooms: &Arc<Rooms>, key: Key, n: u128, part: Part) -> Here {
    let who = who(n, part);
    let seat = rooms.keep_free(key, who.clone()).unwrap();
    let presence = rooms.sit_down(key, seat, who.user, who.session);
    assert!(presence.is_some());
    Here { seat, who, presence }
}

impl Here {
    fn me(&self) -> (UserId, SessionId) {
        (self.who.user, self.who.session)
    }

    fn view(&mut self) -> View {
        self.presence.as_mut().unwrap().view().unwrap()
    }

    fn hears(&self, rooms: &Rooms, number: u64) -> bool {
        rooms.hears(ROOM, self.who.user, self.who.session, number).is_some()
    }
}

fn span(from: u64, to: u64) -> What {
    What::Stretch(Span::new(Ms::from_seconds(from), Ms::from_seconds(to)).unwrap())
}

#[test]
fn what_is_on_is_heard_by_those_who_are_there_and_no_longer_than_somebody_leads() {
    let rooms = Arc::new(Rooms::default());
    let mut coach = come(&rooms, 1, Part::Follows);
    assert!(!rooms.put_on(ROOM, coach.seat, coach.me(), span(0, 9)), "they only follow");
    let coder = come(&rooms, 2, Part::Leads);
    assert!(rooms.is_followed(ROOM));
    assert!(!rooms.order(ROOM, coach.seat, coach.me(), Order::Play), "nothing is on");
    assert!(rooms.put_on(ROOM, coder.seat, coder.me(), span(0, 9)));
    let view = coach.view();
    let number = view.piece.as_ref().unwrap().number;
    assert_eq!((view.people.len(), view.playing, view.piece.unwrap().end), (2, false, 9_000));
    assert!(coach.hears(&rooms, number) && coder.hears(&rooms, number));
    assert!(!coach.hears(&rooms, number + 1), "what is not on");
    let stranger = who(3, Part::Follows);
    assert!(rooms.hears(ROOM, stranger.user, stranger.session, number).is_none());
    // Another's seat is nobody's to sit on, and one's own session's alone.
    assert!(rooms.sit_down(ROOM, coder.seat, coach.who.user, coach.who.session).is_none());
    assert!(rooms.beat(ROOM, coder.seat, coder.who.user, stranger.session).is_none());
    assert!(rooms.order(ROOM, coach.seat, coach.me(), Order::Play));
    assert!(coach.view().playing);

    drop(coder);
    let view = coach.view();
    assert_eq!((view.people.len(), view.piece.is_none(), view.playing), (1, true, false));
    assert!(!coach.hears(&rooms, number));

    let coder = come(&rooms, 2, Part::Leads);
    assert!(!coach.hears(&rooms, number), "it has to be put on anew");
    assert!(rooms.put_on(ROOM, coder.seat, coder.me(), span(0, 9)));
    assert!(coach.hears(&rooms, number + 1));
    rooms.leave(ROOM, coach.seat, coach.who.user, coach.who.session);
    assert!(coach.presence.as_mut().unwrap().view().is_none());
    assert!(!coach.hears(&rooms, number + 1) && !rooms.is_followed(ROOM));
}

#[tokio::test]
async fn everybody_is_told_when_something_is_different() {
    let rooms = Arc::new(Rooms::default());
    let mut coach = come(&rooms, 1, Part::Follows);
    assert_eq!(coach.view().said, 0);
    rooms.say(ROOM);
    coach.presence.as_mut().unwrap().changed().await;
    assert_eq!(coach.view().said, 1);
    let coder = come(&rooms, 2, Part::Leads);
    coach.presence.as_mut().unwrap().changed().await;
    assert_eq!(coach.view().people.len(), 2);
    drop(coder);
    coach.presence.as_mut().unwrap().changed().await;
    assert_eq!(coach.view().people.len(), 1);
}

#[test]
fn a_room_is_full_at_some_point() {
    let rooms = Arc::new(Rooms::default());
    let all: Vec<_> = (0..).take(MOST_SEATS).map(|n| come(&rooms, n, Part::Follows)).collect();
    assert!(rooms.keep_free(ROOM, who(99, Part::Leads)).is_err());
    drop(all);
    assert!(rooms.keep_free(ROOM, who(99, Part::Leads)).is_ok());
}

#[test]
fn one_sign_in_does_not_keep_a_room_to_itself() {
    let rooms = Arc::new(Rooms::default());
    let here = come(&rooms, 1, Part::Follows);
    let kept: Vec<_> =
        (0..2 * MOST_SEATS).map(|_| rooms.keep_free(ROOM, who(1, Part::Follows))).collect();
    let kept: Vec<_> = kept.into_iter().map(Result::unwrap).collect();
    assert!(rooms.keep_free(ROOM, who(2, Part::Leads)).is_ok(), "somebody else comes in");
    let sit = |seat: &Seat| rooms.sit_down(ROOM, *seat, here.who.user, here.who.session);
    assert!(sit(&kept[0]).is_none(), "the oldest seats are given back");
    let tabs: Vec<_> = kept[kept.len() - 2..].iter().map(sit).collect();
    assert!(tabs.iter().all(Option::is_some), "two tabs come in at once");
    assert!(here.presence.is_some_and(|one| one.is_here()), "who sits stays");
}

#[test]
fn whoever_is_turned_out_is_told_apart_from_whoever_was_lost() {
    let rooms = Arc::new(Rooms::default());
    let closed = |one: &Here| one.presence.as_ref().unwrap().is_closed();
    let (coder, coach) = (come(&rooms, 1, Part::Leads), come(&rooms, 2, Part::Follows));
    rooms.turn_out(ROOM, coach.who.user);
    assert!(closed(&coach) && !closed(&coder));
    let back = come(&rooms, 2, Part::Follows);
    assert!(!closed(&back));
    rooms.leave(ROOM, back.seat, back.who.user, back.who.session);
    assert!(!closed(&back), "they went by themselves");
    rooms.close(ROOM);
    assert!(closed(&coder));
}

const SESSION: Key = Key::Session(CoachingSessionId::from_uuid(Uuid::nil()));
const EXTRACT: PieceId = PieceId::from_uuid(Uuid::nil());

fn extract() -> What {
    What::Extract(EXTRACT, Ms::from_seconds(20))
}

#[test]
fn a_coach_whose_connection_broke_comes_back_to_what_is_on() {
    let rooms = Arc::new(Rooms::default());
    let coach = come_to(&rooms, SESSION, 1, Part::Leads);
    let mut guest = come_to(&rooms, SESSION, 2, Part::Follows);
    assert!(rooms.put_on(SESSION, coach.seat, coach.me(), extract()));
    assert!(rooms.order(SESSION, coach.seat, coach.me(), Order::Play));
    let before = guest.view();
    assert!(rooms.is_led(SESSION));
    drop(coach);
    assert!(!rooms.is_led(SESSION));
    let view = guest.view();
    assert_eq!((view.people.len(), view.playing, view.since), (1, true, before.since));
    assert_eq!(view.piece.unwrap().id, Some(EXTRACT));
    let coach = come_to(&rooms, SESSION, 1, Part::Leads);
    assert!(guest.view().playing);
    // Who leaves by themselves does not come back to it, whichever of the two the service hears of first.
    rooms.leave(SESSION, coach.seat, coach.who.user, coach.who.session);
    assert!(guest.view().piece.is_none());
    let coach = come_to(&rooms, SESSION, 1, Part::Leads);
    assert!(rooms.put_on(SESSION, coach.seat, coach.me(), extract()));
    let (seat, (user, session)) = (coach.seat, coach.me());
    drop(coach);
    assert!(guest.view().piece.is_some());
    rooms.leave(SESSION, seat, user, session);
    assert!(guest.view().piece.is_none());
}

#[test]
fn a_guest_is_given_what_is_on_and_nothing_else() {
    let rooms = Arc::new(Rooms::default());
    let coach = come_to(&rooms, SESSION, 1, Part::Leads);
    let practitioner = come_to(&rooms, SESSION, 2, Part::Hosts);
    let guest = come_to(&rooms, SESSION, 3, Part::Follows);
    let gives = |one: &Here| rooms.hears_extract(SESSION, one.me(), EXTRACT);
    assert!(gives(&coach) && gives(&practitioner) && !gives(&guest));
    assert!(!rooms.hears_extract(SESSION, come(&rooms, 4, Part::Leads).me(), EXTRACT), "elsewhere");
    assert!(rooms.put_on(SESSION, coach.seat, coach.me(), extract()));
    assert!(gives(&guest));
    assert_eq!(rooms.followers(SESSION), [guest.who.user]);
    assert_eq!(rooms.begun(SESSION), None, "it stands still");
    assert!(rooms.order(SESSION, practitioner.seat, practitioner.me(), Order::Play));
    assert_eq!((rooms.begun(SESSION), rooms.begun(SESSION)), (Some(EXTRACT), None));
    rooms.take_off(SESSION, EXTRACT);
    assert!(!gives(&guest));
}

#[test]
fn a_room_that_is_closed_is_closed_to_everybody() {
    let rooms = Arc::new(Rooms::default());
    let mut coach = come_to(&rooms, SESSION, 1, Part::Leads);
    let mut guest = come_to(&rooms, SESSION, 2, Part::Follows);
    assert!(rooms.put_on(SESSION, coach.seat, coach.me(), extract()));
    rooms.turn_out(SESSION, guest.who.user);
    assert!(guest.presence.as_mut().unwrap().view().is_none());
    assert!(coach.view().piece.is_some());
    rooms.close(SESSION);
    assert!(coach.presence.as_mut().unwrap().view().is_none());
    assert!(come_to(&rooms, SESSION, 1, Part::Leads).view().piece.is_none());
}

#[test]
fn whoever_may_be_here_no_more_does_not_come_back_to_what_is_on() {
    let rooms = Arc::new(Rooms::default());
    let coach = come_to(&rooms, SESSION, 1, Part::Leads);
    let mut guest = come_to(&rooms, SESSION, 2, Part::Follows);
    assert!(rooms.put_on(SESSION, coach.seat, coach.me(), extract()));
    coach.presence.as_ref().unwrap().is_over();
    assert!(!coach.presence.as_ref().unwrap().is_here());
    drop(coach);
    let view = guest.view();
    assert_eq!((view.people.len(), view.piece.is_none()), (1, true), "there is nobody to wait for");
}

#[test]
fn everybody_sees_that_something_stays_closed_for_as_long_as_a_guest_is_here() {
    let rooms = Arc::new(Rooms::default());
    let mut coach = come_to(&rooms, SESSION, 1, Part::Leads);
    rooms.keep_closed(SESSION, EXTRACT);
    assert!(!coach.view().closed, "nobody is here whom it would be closed for");
    assert!(rooms.put_on(SESSION, coach.seat, coach.me(), extract()));
    let mut guest = come_to(&rooms, SESSION, 2, Part::Follows);
    rooms.keep_closed(SESSION, EXTRACT);
    for one in [&mut coach, &mut guest] {
        let view = one.view();
        assert!(view.closed && view.piece.is_none());
    }
    let other = What::Extract(PieceId::from_uuid(Uuid::from_u128(1)), Ms::from_seconds(9));
    assert!(rooms.put_on(SESSION, coach.seat, coach.me(), other));
    assert!(!guest.view().closed, "something else is on");
    rooms.keep_closed(SESSION, EXTRACT);
    assert!(guest.view().piece.is_some(), "what else is on stays on");
    drop(guest);
    assert!(!coach.view().closed, "nobody is here any more whom it is closed for");
}
