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
mod audit;
mod coding;
mod fixture;
mod jobs;
mod people;
mod playlists;
mod recordings;
mod units;

pub use self::{
    access::*, audit::*, coding::*, jobs::*, people::*, playlists::*, recordings::*, units::*,
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
            what_cannot_be_read_says_why,
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
            // playlists
            a_recording_has_one_playlist,
            extracts_keep_their_order,
            extracts_are_changed_and_removed,
            another_span_starts_an_extract_anew,
            an_extract_is_cut_once_and_only_as_it_stands,
            the_room_has_only_what_was_cut_approved_and_agreed,
            the_practitioner_keeps_an_extract_from_being_played,
            a_playlist_does_not_outlive_a_decision,
            the_room_lists_are_asked_of_the_policy,
            // jobs
            a_job_is_leased_once,
            jobs_go_by_how_long_they_have_been_due,
            jobs_are_shared_out_among_workers_at_once,
            the_same_work_is_queued_once,
            a_lost_lease_writes_nothing,
            a_held_job_is_leased_to_nobody,
            jobs_end_in_three_ways,
            a_given_up_job_is_queued_again,
            open_jobs_are_listed_in_order,
            the_newest_jobs_of_a_recording_are_shown,
            // audit
            the_log_is_a_chain,
            the_log_has_no_gaps_when_many_write_at_once,
            the_log_is_read_in_pages,
            who_listened_is_shown_to_the_owner
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
