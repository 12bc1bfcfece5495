//! What every driver has to do, written once.
//!
//! A driver proves itself with one line in a test crate that has `tokio`:
//!
//! ```ignore
//! hearback_storage::conformance!(on_my_database, open_an_empty_one());
//! ```
//!
//! The expression is a future of a [`crate::Store`]; each check gets an empty one of its own.
#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "these are tests"
)]

mod access;
mod account;
mod after_meeting;
mod apart;
mod audit;
mod briefings;
mod bringing;
mod choosing;
mod coaching;
mod coding;
mod consenting;
mod copies;
mod denying;
mod desk;
mod door;
mod erasing;
mod external;
mod fixture;
mod frameworks;
mod hours;
mod jobs;
mod keeping;
mod kept;
mod meetings;
mod passages;
mod people;
mod playlists;
mod protocols;
mod real_names;
mod recordings;
mod redactions;
mod safeguarding;
mod said;
mod series;
mod sheets;
mod supervision;
mod training;
mod transcripts;
mod units;

pub use self::{
    access::*, account::*, after_meeting::*, apart::*, audit::*, briefings::*, bringing::*,
    choosing::*, coding::*, consenting::*, copies::*, denying::*, desk::*, door::*, erasing::*,
    external::*, frameworks::*, hours::*, jobs::*, keeping::*, kept::*, meetings::*, passages::*,
    people::*, playlists::*, protocols::*, real_names::*, recordings::*, redactions::*,
    safeguarding::*, said::said, series::*, sheets::*, supervision::*, training::*, transcripts::*,
    units::*,
};

/// Makes one `#[tokio::test]` of each check, for the database that `$open` opens.
#[macro_export]
macro_rules! conformance {
    ($module:ident, $open:expr) => {
        $crate::conformance!(@each $module, $open;
            // units
            nothing_is_left_of_a_dropped_unit,
            // people
            people_come_back_as_they_went_in,
            sign_in_names_are_unique,
            people_are_listed_in_order,
            sessions_begin_change_and_end,
            sessions_end_by_time,
            nobody_wears_a_hat_that_is_not_theirs,
            a_new_passphrase_ends_sessions,
            failed_sign_ins_are_counted,
            // single sign-on
            an_identity_is_one_persons,
            an_attempt_comes_back_once,
            a_link_is_used_once,
            a_provider_ends_the_sessions_it_began,
            a_logout_is_taken_once,
            // account
            sessions_are_seen_and_ended_by_their_owner,
            the_oldest_sessions_give_way,
            a_session_knows_what_was_shown,
            a_disabled_person_is_out_at_once,
            a_role_that_is_taken_away_ends_its_sessions,
            a_passphrase_is_changed_by_its_owner,
            the_code_of_a_step_is_taken_once,
            a_code_taken_by_many_at_once_is_taken_by_one,
            recovery_codes_are_taken_once,
            passkeys_are_kept_and_count_upwards,
            // door
            what_was_begun_is_finished_once,
            an_invitation_opens_once,
            a_known_browser_counts_for_itself,
            what_was_begun_ends_with_the_sessions,
            tries_at_the_same_moment_are_all_counted,
            an_allowance_is_used_up_and_grows_back,
            // access
            who_may_do_what_in_which_state,
            everybody_heard_has_to_have_said_yes,
            grants_end_when_they_expire,
            grants_end_when_the_practitioner_withholds,
            a_second_release_ends_the_first,
            a_refusal_is_written_down_although_nothing_else_is,
            what_is_not_there_is_refused,
            lists_hold_what_may_be_seen_newest_first,
            // recordings
            a_recording_comes_back_as_it_went_in,
            every_word_of_the_domain_can_be_kept,
            a_recording_has_an_id_of_its_own,
            a_transcript_is_waited_for_only_with_consent,
            a_file_comes_once,
            two_files_at_once_are_one_file,
            decoding_replaces_what_was_there,
            a_listening_copy_belongs_to_its_decoding,
            what_cannot_be_read_says_why,
            a_refused_file_is_its_owners,
            a_transcript_grows,
            objects_open_only_to_their_permits,
            objects_are_added_only_by_their_permits,
            what_somebody_ever_was_to_a_practitioner_is_known,
            // coding
            coders_do_not_see_each_other,
            codes_are_made_changed_and_removed,
            the_same_code_twice_is_one_code,
            scores_are_set_and_taken_back,
            coding_is_finished_once,
            what_lies_on_the_desk_is_the_coders_own,
            what_was_heard_adds_up,
            a_coding_begins_once,
            // protocols
            protocols_come_back_as_they_were_written,
            a_recording_is_taken_into_a_protocol_once,
            a_second_coder_is_somebody_who_may,
            a_yes_to_a_second_coder_is_given_and_taken_back,
            codings_are_compared_when_everybody_has_finished,
            what_is_agreed_stands_beside_what_was_coded,
            // briefings
            a_briefing_shows_the_coders_moments,
            what_is_proposed_keeps_its_order,
            what_was_put_on_is_remembered,
            // series of coaching sessions
            coaches_say_of_themselves_what_they_like,
            a_practitioner_chooses_who_coaches,
            a_line_manager_coaches_no_more,
            what_two_agree_on_is_signed_by_both,
            a_sixth_session_gets_no_time,
            a_series_walks_along_ones_own_recordings,
            another_coach_takes_over_at_once,
            a_series_ends_in_its_practitioners_hands,
            others_are_told_what_practitioners_allow,
            research_and_a_series_end_apart,
            hours_are_noted_and_added_up,
            supervision_comes_before_a_new_series,
            what_was_thought_about_is_its_practitioners,
            // sessions while they are live
            a_session_begins_and_ends,
            what_cannot_begin_says_so,
            a_session_that_nobody_ends_ends_by_itself,
            a_guest_is_invited_to_one_session,
            the_room_shows_what_may_be_heard,
            an_invitation_is_to_a_session_that_comes_about,
            // choosing what is heard
            moments_are_marked_by_whoever_made_the_recording,
            what_could_be_heard_says_why,
            pieces_keep_their_order,
            a_veto_is_the_practitioners_and_stays,
            a_thread_goes_from_recording_to_recording,
            a_session_that_has_been_is_not_changed,
            what_was_heard_outlives_its_series,
            what_was_heard_stays_where_it_was_heard,
            what_is_kept_is_never_played_unhidden,
            nothing_but_what_is_kept_is_no_playlist,
            a_session_is_signed_anew_when_its_list_changes,
            // sheets and goals
            a_sheet_is_saved_by_one_tab_after_the_other,
            a_sheet_is_its_writers_until_it_is_shared,
            goals_are_their_owners,
            whoever_coached_before_keeps_their_own_logs,
            // supervision
            coaches_see_the_meetings_they_are_invited_to,
            a_dome_is_followed_and_its_note_is_the_volunteers,
            a_moment_is_brought_by_whoever_is_invited,
            what_was_brought_is_heard_under_the_dome,
            what_was_brought_goes_with_its_yes,
            a_debrief_is_the_supervisors_until_it_is_shared,
            a_recorder_runs_while_everybody_says_yes,
            a_supervisor_learns_whom_no_meeting_reached,
            // learning to code
            a_set_holds_what_its_practitioners_let_people_practise_on,
            nobody_learns_on_what_they_are_tied_to,
            founders_agree_after_all_have_finished,
            attempts_are_kept_and_reaching_it_counts,
            // frameworks
            the_first_framework_is_there_and_taken,
            a_framework_is_written_published_and_taken,
            a_draft_is_saved_by_one_after_the_other,
            what_is_published_stays,
            // consent
            every_kind_of_person_has_a_form,
            a_published_form_is_the_next_version,
            answers_come_back_as_they_were_written_down,
            a_yes_holds_until_it_runs_out,
            nothing_old_takes_the_place_of_what_is_newer,
            newer_answers_take_the_place_of_all_earlier_ones,
            a_transcript_is_made_once_everybody_said_yes,
            nobody_answers_for_somebody_who_is_not_heard,
            // denying
            a_later_no_is_a_withdrawal,
            a_later_no_is_held_like_any_withdrawal,
            what_is_not_asked_any_more_runs_out,
            what_the_ledger_closed_is_closed_again,
            lines_count_in_their_order,
            somebody_is_heard_who_came_in_later,
            // playlists
            a_recording_has_one_playlist,
            extracts_keep_their_order,
            extracts_are_changed_and_removed,
            another_span_starts_an_extract_anew,
            an_extract_is_cut_once_and_only_as_it_stands,
            the_room_has_only_what_was_cut_approved_and_agreed,
            extracts_of_practice_name_no_skill,
            the_practitioner_keeps_an_extract_from_being_played,
            a_playlist_does_not_outlive_a_decision,
            the_room_lists_are_asked_of_the_policy,
            // redactions
            what_is_hidden_comes_back_in_order,
            two_people_decide_that_something_is_heard_again,
            hiding_seals_the_extracts_there_and_no_others,
            an_extract_is_cut_under_what_is_hidden_now,
            a_set_that_was_listened_to_stands_for_its_extracts,
            // transcripts
            corrections_are_taken_one_after_the_other,
            a_transcript_is_made_again,
            a_transcript_that_came_to_nothing_is_tried_again,
            a_transcript_is_stopped,
            words_are_shown_with_an_extract,
            // jobs
            a_job_is_leased_once,
            jobs_go_by_how_long_they_have_been_due,
            jobs_are_shared_out_among_workers_at_once,
            the_same_work_is_queued_once,
            a_lost_lease_writes_nothing,
            a_held_job_is_leased_to_nobody,
            jobs_end_in_three_ways,
            a_job_gives_way_to_a_shorter_one,
            a_given_up_job_is_queued_again,
            open_jobs_are_listed_in_order,
            the_newest_jobs_of_a_recording_are_shown,
            // erasing
            one_use_is_taken_back,
            a_yes_that_the_ledger_took_back_is_nobodys,
            research_and_coaching_are_taken_back_apart,
            a_whole_recording_goes,
            the_last_class_takes_the_recording_with_it,
            a_hold_stops_destruction_and_nothing_else,
            what_is_to_be_destroyed_is_queued_apart,
            times_follow_the_rules,
            a_shorter_rule_is_announced,
            a_hold_comes_too_late_once_destruction_has_begun,
            what_is_held_is_listed,
            sweeps_and_the_ledger_are_remembered,
            // audit
            the_log_is_a_chain,
            the_log_has_no_gaps_when_many_write_at_once,
            the_log_is_read_in_pages,
            the_log_is_looked_through,
            sealing_is_noted,
            who_listened_is_shown_to_the_owner,
            // concerns
            concerns_are_raised_seen_and_added_to,
            concerns_move_on_and_are_listed,
            a_concern_about_an_extract_has_its_passage,
            a_passage_takes_two_people_and_lasts_an_hour,
            the_practitioner_is_told_that_a_passage_was_heard,
            a_concern_outlives_its_recording,
            // copies
            a_copy_is_told_what_there_is,
            a_restored_database_starts_anew,
            // keeping apart
            whoever_is_kept_away_has_nothing_to_do_with_it,
            whoever_is_trusted_is_kept_away_by_the_officer_alone,
            what_no_longer_fits_ends,
            a_coding_by_whoever_briefed_the_coach_is_marked,
            // real names
            a_key_for_names_takes_the_place_of_the_one_before,
            names_are_kept_sealed
        );
    };
    (@each $module:ident, $open:expr; $($check:ident),+) => {
        mod $module {
            use super::*;
            $(#[tokio::test]
            async fn $check() {
                let store = $open.await;
                $crate::conformance::$check(&store).await;
            })+
        }
    };
}
