/*
 * Every public function, called as it should not be: without what it needs,
 * too early, after a failure, and twice. It says so, or does nothing; what was
 * there before is there afterwards.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rejunit.h"
#include "tap.h"

#define ORIGINAL                                                          \
	"<testsuite name='s' tests='2' failures='1'>"                     \
	"<testcase classname='c' name='a' time='2'><failure/></testcase>" \
	"<testcase classname='c' name='b' time='1'/></testsuite>"
#define RERUN                                         \
	"<testsuite name='s' tests='1' failures='0'>" \
	"<testcase classname='c' name='a' time='1'/></testsuite>"

/* What a call is made with; NULL where it is called without. */
struct world {
	struct rejunit_update *u;
	struct rejunit_merge *m;
	struct rejunit_audit *a;
	struct rejunit_survey *s;
	struct rejunit_diff *d;
	struct rejunit_reader *r;
	struct rejunit_history *h;
	struct rejunit_quarantine *q;
	const char *path; /* a report that is there */
	const struct rejunit_input *in; /* the same */
	const char *output;
	rejunit_write_fn *write;
	struct rejunit_error err;
};

static char folder[] = P_tmpdir "/rejunit-test-XXXXXX";
static struct rejunit_input input;
static char original[64], rerun[64], output[64], broken[64], list[64];

static int
swallow(void *ctx, const void *data, size_t size)
{
	(void)data;
	*(size_t *)ctx += size;
	return 0;
}

/* --- one function each: what it came to, or OK --------------------------- */

#define CALL(name, expression)                                  \
	static enum rejunit_status call_##name(struct world *w) \
	{                                                       \
		size_t written = 0;                             \
		(void)written;                                  \
		(void)w;                                        \
		return (expression);                            \
	}
/* For one that returns no status: what it has to be without a handle. */
#define PEEK(name, expression, nothing)                                  \
	static enum rejunit_status call_##name(struct world *w)          \
	{                                                                \
		bool none = !(w->u || w->m || w->a || w->s);             \
		bool is_nothing = (expression) == (nothing);             \
		return none && !is_nothing ? REJUNIT_USAGE : REJUNIT_OK; \
	}
#define SET(name, call)                                         \
	static enum rejunit_status call_##name(struct world *w) \
	{                                                       \
		call;                                           \
		return REJUNIT_OK;                              \
	}

CALL(update_original, rejunit_update_original(w->u, w->path, &w->err))
CALL(update_original_from, rejunit_update_original_from(w->u, w->in, &w->err))
CALL(update_rerun_from, rejunit_update_rerun_from(w->u, w->in, &w->err))
SET(update_cancel, rejunit_update_cancel(w->u))
CALL(update_rerun, rejunit_update_rerun(w->u, w->path, &w->err))
CALL(update_evidence,
    rejunit_update_evidence(w->u, REJUNIT_EVIDENCE_JENKINS, &w->err))
CALL(update_match, rejunit_update_match(w->u, REJUNIT_NAME, &w->err))
CALL(update_assume,
    rejunit_update_assume(w->u, REJUNIT_ASSUME_COMPLETE, &w->err))
CALL(update_append_reruns, rejunit_update_append_reruns(w->u, false, &w->err))
CALL(update_recount, rejunit_update_recount(w->u, false, &w->err))
CALL(update_repair, rejunit_update_repair(w->u, false, &w->err))
CALL(update_rootdir, rejunit_update_rootdir(w->u, w->path, &w->err))
CALL(update_max_recovered,
    rejunit_update_max_recovered(w->u, 100, true, &w->err))
CALL(update_lock, rejunit_update_lock(w->u, 0, &w->err))
CALL(update_plan, rejunit_update_plan(w->u, &w->err))
CALL(update_write, rejunit_update_write(w->u, w->write, &written, &w->err))
CALL(update_check, rejunit_update_check(w->u, w->output, &w->err))
CALL(update_save, rejunit_update_save(w->u, w->output, &w->err))
CALL(update_flakes,
    rejunit_update_flakes(w->u, REJUNIT_JSON, w->write, &written, &w->err))
CALL(update_decisions,
    rejunit_update_decisions(w->u, w->write, &written, &w->err))
CALL(update_save_flakes,
    rejunit_update_save_flakes(w->u, REJUNIT_CSV, w->output, &w->err))
CALL(update_save_decisions,
    rejunit_update_save_decisions(w->u, w->output, &w->err))
PEEK(update_count, rejunit_update_count(w->u, REJUNIT_COUNT_CASES), 0)
PEEK(update_warning, rejunit_update_warning(w->u, 0), NULL)
PEEK(update_decision, rejunit_update_decision(w->u, 0), NULL)
PEEK(update_id, rejunit_update_id(w->u, 0), NULL)
PEEK(update_name, rejunit_update_name(w->u, 0), NULL)
static int alike;

CALL(update_alike, rejunit_update_alike(w->u, 0, &alike, &w->err))
PEEK(decision_before, rejunit_decision_before(rejunit_update_decision(w->u, 0)),
    REJUNIT_ABSENT)
PEEK(decision_after, rejunit_decision_after(rejunit_update_decision(w->u, 0)),
    REJUNIT_ABSENT)
PEEK(decision_reason, rejunit_decision_reason(rejunit_update_decision(w->u, 0)),
    REJUNIT_UNCHANGED)
PEEK(decision_flaky, rejunit_decision_flaky(rejunit_update_decision(w->u, 0)),
    REJUNIT_NOT_FLAKY)
PEEK(decision_assumed,
    rejunit_decision_assumed(rejunit_update_decision(w->u, 0)), 0)

CALL(merge_add_from, rejunit_merge_add_from(w->m, w->in, &w->err))
CALL(merge_add, rejunit_merge_add(w->m, w->path, &w->err))
CALL(merge_join_suites, rejunit_merge_join_suites(w->m, true, &w->err))
CALL(merge_repair, rejunit_merge_repair(w->m, false, &w->err))
CALL(merge_except, rejunit_merge_except(w->m, w->output, &w->err))
CALL(merge_lock, rejunit_merge_lock(w->m, 0, &w->err))
CALL(merge_read, rejunit_merge_read(w->m, &w->err))
CALL(merge_write, rejunit_merge_write(w->m, w->write, &written, &w->err))
CALL(merge_save, rejunit_merge_save(w->m, w->output, &w->err))
PEEK(merge_count, rejunit_merge_count(w->m, REJUNIT_COUNT_CASES), 0)
PEEK(merge_warning, rejunit_merge_warning(w->m, 0), NULL)

CALL(audit_profile,
    rejunit_audit_profile(w->a, REJUNIT_PROFILE_JUNIT10, &w->err))
CALL(audit_report, rejunit_audit_report(w->a, w->path, &w->err))
CALL(audit_report_from, rejunit_audit_report_from(w->a, w->in, &w->err))
CALL(audit_update, rejunit_audit_update(w->a, w->u, w->path, &w->err))
CALL(audit_update_from, rejunit_audit_update_from(w->a, w->u, w->in, &w->err))
PEEK(audit_count, rejunit_audit_count(w->a), 0)
PEEK(audit_reports, rejunit_audit_reports(w->a), 0)
CALL(audit_write,
    rejunit_audit_write(w->a, REJUNIT_JSON, w->write, &written, &w->err))

CALL(survey_slowest, rejunit_survey_slowest(w->s, 3, &w->err))
CALL(survey_limit, rejunit_survey_limit(w->s, 3, &w->err))
CALL(survey_repair, rejunit_survey_repair(w->s, false, &w->err))
CALL(survey_rootdir, rejunit_survey_rootdir(w->s, w->path, &w->err))
CALL(survey_report, rejunit_survey_report(w->s, w->path, &w->err))
CALL(survey_report_from, rejunit_survey_report_from(w->s, w->in, &w->err))
PEEK(survey_count, rejunit_survey_count(w->s, REJUNIT_COUNT_CASES), 0)
PEEK(survey_time, rejunit_survey_time(w->s)[0], '\0')
PEEK(survey_warning, rejunit_survey_warning(w->s, 0), NULL)
CALL(survey_write, rejunit_survey_write(w->s, w->write, &written, &w->err))
PEEK(survey_entry,
    rejunit_survey_entry(w->s, (enum rejunit_list) - 1, 0) ||
	rejunit_survey_entry(w->s, REJUNIT_LIST_SLOWEST + 1, 0) ||
	rejunit_survey_entry(w->s, REJUNIT_LIST_SLOWEST, 99),
    false)
PEEK(entry_id,
    rejunit_entry_id(rejunit_survey_entry(w->s, REJUNIT_LIST_FAILING, 0))[0],
    '\0')
PEEK(entry_name,
    rejunit_entry_name(rejunit_survey_entry(w->s, REJUNIT_LIST_FAILING, 0))[0],
    '\0')
PEEK(entry_what,
    rejunit_entry_what(rejunit_survey_entry(w->s, REJUNIT_LIST_FAILING, 0))[0],
    '\0')
PEEK(entry_time,
    rejunit_entry_time(rejunit_survey_entry(w->s, REJUNIT_LIST_FAILING, 0))[0],
    '\0')
PEEK(entry_verdict,
    rejunit_entry_verdict(rejunit_survey_entry(w->s, REJUNIT_LIST_FAILING, 0)),
    REJUNIT_ABSENT)

CALL(diff_repair, rejunit_diff_repair(w->d, false, &w->err))
CALL(diff_rootdir, rejunit_diff_rootdir(w->d, w->path, &w->err))
CALL(diff_slower, rejunit_diff_slower(w->d, 2, 1, &w->err))
CALL(diff_quarantine, rejunit_diff_quarantine(w->d, w->q, &w->err))
CALL(diff_read, rejunit_diff_read(w->d, w->in, w->in, &w->err))
PEEK(diff_count, rejunit_diff_count(w->d, (enum rejunit_difference)99), 0)
static struct rejunit_changed changed_test;
static struct rejunit_report sums;

PEEK(diff_test,
    rejunit_diff_test(w->d, REJUNIT_DIFF_FIXED, 0, &changed_test) ||
	rejunit_diff_test(w->d, REJUNIT_DIFF_STILL_FAILING, 0, NULL),
    false)
CALL(diff_alike, rejunit_diff_alike(w->d, 0, &alike, &w->err))
PEEK(diff_run, w->d ? false : rejunit_diff_run(w->d, true, &sums), false)
PEEK(diff_failures, rejunit_diff_failures(w->d), 0)
PEEK(diff_warning, rejunit_diff_warning(w->d, 0), NULL)
CALL(diff_write,
    rejunit_diff_write(w->d, REJUNIT_JSON, w->write, &written, &w->err))
PEEK(difference_name, rejunit_difference_name((enum rejunit_difference)99)[0],
    '\0')

static const struct rejunit_visitor nobody = { .test = NULL };

CALL(reader_repair, rejunit_reader_repair(w->r, false, &w->err))
CALL(reader_rootdir, rejunit_reader_rootdir(w->r, w->path, &w->err))
CALL(reader_read, rejunit_reader_read(w->r, w->in, &nobody, NULL, &w->err))
PEEK(reader_warning, rejunit_reader_warning(w->r, 0), NULL)

/* --- cases: of a decision, or of none ------------------------------------ */

static struct rejunit_case
some_case(struct world *w)
{
	struct rejunit_case c = { .run = 0 };

	(void)rejunit_update_test(w->u, 0, &c);
	return c;
}

PEEK(update_assumed, rejunit_update_assumed(w->u), 0)
static bool
has_test(struct world *w, size_t i)
{
	struct rejunit_case c;

	return rejunit_update_test(w->u, i, &c);
}

static bool
has_case(struct world *w, size_t i, size_t k)
{
	struct rejunit_case c;

	return rejunit_update_case(w->u, i, k, &c);
}

PEEK(update_test,
    has_test(w, 99) || rejunit_update_test(w->u, 0, NULL) ||
	(!w->u && has_test(w, 0)),
    false)
PEEK(update_case,
    has_case(w, 0, 99) || has_case(w, 99, 0) ||
	rejunit_update_case(w->u, 0, 0, NULL) || (!w->u && has_case(w, 0, 0)),
    false)

/* A case of no handle has nothing to say. */
static const struct rejunit_case nothing;

static enum rejunit_status
call_case_next(struct world *w)
{
	struct rejunit_execution x;
	size_t step = 0;

	return rejunit_case_next(w->u ? &nothing : NULL, &step, &x, &w->err);
}

PEEK(case_id, rejunit_case_id (&nothing)[0], '\0')
PEEK(case_name, rejunit_case_name(NULL)[0], '\0')
PEEK(case_file, rejunit_case_file(NULL)[0], '\0')
static bool runnable;

CALL(case_is_runnable, rejunit_case_is_runnable(NULL, &runnable, &w->err))

static enum rejunit_status
call_case_past_the_end(struct world *w)
{
	struct rejunit_case c = some_case(w);
	struct rejunit_execution x;
	size_t step = 99;

	if (!w->u || !c.internal[0])
		return REJUNIT_OK;
	OK(rejunit_case_next(&c, &step, &x, &w->err) == REJUNIT_OK);
	OK(x.outcome == REJUNIT_ABSENT);
	OK(rejunit_case_next(&c, NULL, &x, &w->err) == REJUNIT_USAGE);
	return rejunit_case_next(&c, &step, NULL, &w->err) == REJUNIT_USAGE
		   ? REJUNIT_OK
		   : REJUNIT_USAGE;
}

/* --- those that need no handle ------------------------------------------- */

CALL(update_new, rejunit_update_new(NULL, &w->err))
CALL(merge_new, rejunit_merge_new(NULL, &w->err))
CALL(audit_new, rejunit_audit_new(NULL, &w->err))
CALL(survey_new, rejunit_survey_new(NULL, &w->err))
CALL(reader_new, rejunit_reader_new(NULL, &w->err))
SET(reader_free, (rejunit_reader_free(NULL), (void)w))
PEEK(is_bad, rejunit_is_bad((enum rejunit_verdict)99), false)
SET(update_free, (rejunit_update_free(NULL), (void)w))
SET(merge_free, (rejunit_merge_free(NULL), (void)w))
SET(audit_free, (rejunit_audit_free(NULL), (void)w))
SET(survey_free, (rejunit_survey_free(NULL), (void)w))
CALL(diff_new, rejunit_diff_new(NULL, &w->err))
SET(diff_free, (rejunit_diff_free(NULL), (void)w))
CALL(history_open, rejunit_history_open(NULL, NULL, true, &w->err))
SET(history_free, (rejunit_history_free(NULL), (void)w))

static enum rejunit_status
call_history_record(struct world *w)
{
	static const struct rejunit_run nothing_known = { .attempt = -1 };

	return rejunit_history_record(
	    w->h, &nothing_known, &w->path, 1, &w->err);
}

static const struct rejunit_ranking as_usual = { .at = 2000000000 };
static struct rejunit_rank rank;
static double low, high;
static long long moment;

static struct rejunit_cluster cluster;
static const struct rejunit_page page = { .top = 1 };
static struct rejunit_pruned pruned;
static struct rejunit_quarantined quarantined;
static const char *changed;

CALL(
    history_on_progress, rejunit_history_on_progress(w->h, NULL, NULL, &w->err))
CALL(update_quarantine,
    rejunit_update_quarantine(w->u, w->path ? w->q : NULL, true, &w->err))
CALL(update_recover_only,
    rejunit_update_recover_only(w->u, w->path ? w->q : NULL, &w->err))
CALL(quarantine_most, rejunit_quarantine_most(w->q, 1, &w->err))
CALL(quarantine_history, rejunit_quarantine_history(w->q, w->h, &w->err))
CALL(quarantine_reports,
    rejunit_quarantine_reports(w->q, &w->path, 1, NULL, false, &w->err))
PEEK(quarantine_entry, rejunit_quarantine_entry(w->q, 0, &quarantined), false)
PEEK(quarantine_excused, rejunit_quarantine_excused(w->q), 0)
PEEK(decision_excused, rejunit_decision_excused(NULL), false)
PEEK(excuse_name, *rejunit_excuse_name((enum rejunit_excuse)99), 0)
SET(quarantine_free, rejunit_quarantine_free(w->u ? NULL : w->q))
CALL(history_quarantine, rejunit_history_quarantine(w->h,
			     w->path ? "no-list" : NULL, 0, 0, true, &w->err))
PEEK(history_change, rejunit_history_change(w->h, 0, &changed, &changed),
    REJUNIT_CHANGE_NONE)

static enum rejunit_status
call_quarantine_read(struct world *w)
{
	struct rejunit_quarantine *q = NULL;
	enum rejunit_status status =
	    rejunit_quarantine_read(&q, w->path ? list : NULL, 0, &w->err);

	rejunit_quarantine_free(q);
	return status;
}

CALL(history_investigate,
    rejunit_history_investigate(w->h, "p", &as_usual, &w->err))
CALL(history_artifacts, rejunit_history_artifacts(w->h, w->path, &w->err))
CALL(history_hypothesis,
    rejunit_history_hypothesis(w->h, w->path, "", NULL, &w->err))
CALL(history_report,
    rejunit_history_report(w->h, REJUNIT_MARKDOWN, w->write, &written, &w->err))
CALL(history_failures_alone, rejunit_history_failures_alone(w->h, &w->err))
CALL(history_page, rejunit_history_page(w->h, &as_usual, w->path ? &page : NULL,
		       w->write, &written, &w->err))
CALL(history_save_page,
    rejunit_history_save_page(w->h, &as_usual, &page, w->output, &w->err))
CALL(history_rootdir, rejunit_history_rootdir(w->h, w->path, &w->err))
PEEK(history_name, w->h ? NULL : rejunit_history_name(w->h), NULL)
PEEK(holds_runs, rejunit_holds_runs(NULL) || w == NULL, false)
CALL(history_load, rejunit_history_load(w->h, w->path, &w->err))
CALL(history_gather, rejunit_history_gather(w->h, &w->path, 1, NULL, &w->err))
PEEK(history_run, w->h ? NULL : rejunit_history_run(w->h), NULL)
PEEK(history_cluster, rejunit_history_cluster(w->h, 0, &cluster), false)
PEEK(history_cluster_test, rejunit_history_cluster_test(w->h, 0, 0), NULL)
PEEK(history_recurring, rejunit_history_recurring(w->h, NULL, 1), 0)
PEEK(rate_range, rejunit_rate_range(2, 1, &low, &high), false)
PEEK(history_investigated, rejunit_history_investigated(w->h, &rank), NULL)
PEEK(history_above, rejunit_history_above(w->h, 0.5), 0)
CALL(history_export, rejunit_history_export(w->h, REJUNIT_JSON, -1, 9, w->write,
			 &written, &w->err))
CALL(history_save,
    rejunit_history_save(w->h, REJUNIT_CSV, -1, 9, w->output, &w->err))
CALL(history_prune, rejunit_history_prune(w->h, 9, &pruned, &w->err))
CALL(history_rename,
    rejunit_history_rename(w->h, w->path, "d::a", NULL, &w->err))
CALL(history_check, rejunit_history_check(w->h, &w->err))
PEEK(history_finding, rejunit_history_finding(w->h, 0), NULL)
PEEK(history_added, rejunit_history_added(w->h), 0)
PEEK(history_warning, rejunit_history_warning(w->h, 0), NULL)
CALL(history_rank, rejunit_history_rank(w->h, &as_usual, &w->err))
PEEK(history_ranked, rejunit_history_ranked(w->h, 0, &rank), false)
PEEK(history_runs, rejunit_history_runs(w->h), 0)
PEEK(history_outages, rejunit_history_outages(w->h), 0)
PEEK(history_at, rejunit_history_at(w->h), 0)
CALL(history_write,
    rejunit_history_write(w->h, REJUNIT_JSON, w->write, &written, &w->err))
PEEK(time, rejunit_time("soon", &moment), false)
PEEK(state_name, rejunit_state_name((enum rejunit_state)99)[0], '\0')
SET(path, OK(rejunit_path("x").fd == -1 && w))
SET(memory, OK(rejunit_memory("x", NULL, 9).size == 0 && w))
SET(descriptor, OK(rejunit_descriptor("x", 3).fd == 3 && w))
SET(allow_threads, (rejunit_allow_threads(false), (void)w))
SET(allow_temporary, (rejunit_allow_temporary(NULL), (void)w))
SET(on_wait, (rejunit_on_wait(NULL), (void)w))
PEEK(verdict_name, rejunit_verdict_name((enum rejunit_verdict)99)[0], '\0')
PEEK(reason_name, rejunit_reason_name((enum rejunit_reason)99)[0], '\0')
PEEK(flaky_name, rejunit_flaky_name((enum rejunit_flaky)99)[0], '\0')
PEEK(assumption_name, rejunit_assumption_name((enum rejunit_assumption)99)[0],
    '\0')
CALL(write_fd,
    rejunit_write_fd(&(int){ -1 }, "", 1) ? REJUNIT_OUTPUT : REJUNIT_OK)
SET(version, OK(rejunit_version()[0] && w))

static enum rejunit_status
call_visible(struct world *w)
{
	char out[16] = "x";
	int columns = 1;

	(void)w;
	OK(rejunit_visible("", 0, out, &columns) == 0 && !out[0] && !columns);
	return REJUNIT_OK;
}

/* Once it has been called, nothing else can be tried. */
SET(cancel, (void)w)

/* --- the table ----------------------------------------------------------- */

enum situation {
	NO_HANDLE,
	NO_ARGUMENT,
	TOO_EARLY, /* nothing was named, let alone read */
	AFTER_FAILURE, /* an input could not be read */
	WHEN_DONE, /* all was read, and once more */
	SITUATIONS
};

/* What comes of it: Ok, Usage, Input, outPut; of a getter, never a crash. */
#define ROW(name, results)                             \
	{                                              \
		"rejunit_" #name, call_##name, results \
	}
static const struct {
	const char *name;
	enum rejunit_status (*call)(struct world *w);
	const char *results; /* by situation; in the last one, twice */
} table[] = {
	ROW(update_original, "UUOOUU"),
	ROW(update_rerun, "UUOOUU"),
	ROW(update_original_from, "UUOOUU"),
	ROW(update_rerun_from, "UUOOUU"),
	ROW(update_cancel, "OOOOOO"),
	ROW(update_evidence, "UUOOUU"),
	ROW(update_match, "UUOOUU"),
	ROW(update_assume, "UUOOUU"),
	ROW(update_append_reruns, "UUOOUU"),
	ROW(update_recount, "UUOOUU"),
	ROW(update_repair, "UUOOUU"),
	ROW(update_rootdir, "UUOOUU"),
	ROW(update_max_recovered, "UUOOUU"),
	ROW(update_lock, "UUUIUU"),
	ROW(update_plan, "UUUIUU"),
	ROW(update_write, "UUUUOO"),
	ROW(update_check, "UUUUOO"),
	ROW(update_save, "UUUUOO"),
	ROW(update_flakes, "UUUUOO"),
	ROW(update_decisions, "UUUUOO"),
	ROW(update_save_flakes, "UUUUOO"),
	ROW(update_save_decisions, "UUUUOO"),
	ROW(update_count, "OOOOOO"),
	ROW(update_warning, "OOOOOO"),
	ROW(update_decision, "OOOOOO"),
	ROW(update_id, "OOOOOO"),
	ROW(update_name, "OOOOOO"),
	ROW(update_alike, "UOUUOO"),
	ROW(decision_before, "OOOOOO"),
	ROW(decision_after, "OOOOOO"),
	ROW(decision_reason, "OOOOOO"),
	ROW(decision_flaky, "OOOOOO"),
	ROW(decision_assumed, "OOOOOO"),
	ROW(merge_add, "UUOOUU"),
	ROW(merge_add_from, "UUOOUU"),
	ROW(merge_join_suites, "UUOOUU"),
	ROW(merge_repair, "UUOOUU"),
	ROW(merge_except, "UUOOUU"),
	ROW(merge_lock, "UUUOUU"),
	ROW(merge_read, "UUUIUU"),
	ROW(merge_write, "UUUUOO"),
	ROW(merge_save, "UUUUOO"),
	ROW(merge_count, "OOOOOO"),
	ROW(merge_warning, "OOOOOO"),
	ROW(audit_profile, "UOOOOO"),
	ROW(audit_report, "UUOOOO"),
	ROW(audit_report_from, "UUOOOO"),
	ROW(audit_update, "UUUUOO"),
	ROW(audit_update_from, "UUUUOO"),
	ROW(audit_count, "OOOOOO"),
	ROW(audit_reports, "OOOOOO"),
	ROW(audit_write, "UUOOOO"),
	ROW(survey_slowest, "UUOUUU"),
	ROW(survey_limit, "UUOUUU"),
	ROW(survey_repair, "UUOUUU"),
	ROW(survey_rootdir, "UUOUUU"),
	ROW(survey_report, "UUOOOO"),
	ROW(survey_report_from, "UUOOOO"),
	ROW(survey_count, "OOOOOO"),
	ROW(survey_time, "OOOOOO"),
	ROW(survey_warning, "OOOOOO"),
	ROW(survey_write, "UUOOOO"),
	ROW(survey_entry, "OOOOOO"),
	ROW(entry_id, "OOOOOO"),
	ROW(entry_name, "OOOOOO"),
	ROW(entry_what, "OOOOOO"),
	ROW(entry_time, "OOOOOO"),
	ROW(entry_verdict, "OOOOOO"),
	ROW(update_new, "UUUUUU"),
	ROW(merge_new, "UUUUUU"),
	ROW(audit_new, "UUUUUU"),
	ROW(survey_new, "UUUUUU"),
	ROW(update_free, "OOOOOO"),
	ROW(merge_free, "OOOOOO"),
	ROW(audit_free, "OOOOOO"),
	ROW(survey_free, "OOOOOO"),
	ROW(path, "OOOOOO"),
	ROW(memory, "OOOOOO"),
	ROW(descriptor, "OOOOOO"),
	ROW(allow_threads, "OOOOOO"),
	ROW(allow_temporary, "OOOOOO"),
	ROW(diff_new, "UUUUUU"),
	ROW(diff_free, "OOOOOO"),
	ROW(diff_repair, "UUOOUU"),
	ROW(diff_rootdir, "UUOOUU"),
	ROW(diff_slower, "UUOOUU"),
	ROW(diff_quarantine, "UOUUOO"),
	ROW(diff_read, "UUOOUU"),
	ROW(diff_count, "OOOOOO"),
	ROW(diff_test, "OOOOOO"),
	ROW(diff_alike, "UOUUOO"),
	ROW(diff_run, "OOOOOO"),
	ROW(diff_failures, "OOOOOO"),
	ROW(diff_warning, "OOOOOO"),
	ROW(diff_write, "UUUUOO"),
	ROW(difference_name, "OOOOOO"),
	ROW(reader_repair, "UOOOOO"),
	ROW(reader_rootdir, "UUOOOO"),
	ROW(reader_read, "UUOOOO"),
	ROW(reader_warning, "OOOOOO"),
	ROW(history_open, "UUUUUU"),
	ROW(history_free, "OOOOOO"),
	ROW(history_record, "UUOOOO"),
	ROW(history_load, "UUIIII"),
	ROW(history_on_progress, "UOOOOO"),
	ROW(history_rootdir, "UUOOOO"),
	ROW(update_quarantine, "UUOOUU"),
	ROW(update_recover_only, "UUOOUU"),
	ROW(quarantine_read, "OUOOOO"),
	ROW(quarantine_free, "OOOOOO"),
	ROW(quarantine_most, "UOOOOO"),
	ROW(quarantine_history, "UUUUOO"),
	ROW(quarantine_reports, "UUOOOO"),
	ROW(quarantine_entry, "OOOOOO"),
	ROW(quarantine_excused, "OOOOOO"),
	ROW(decision_excused, "OOOOOO"),
	ROW(excuse_name, "OOOOOO"),
	ROW(history_quarantine, "UUUUOO"),
	ROW(history_change, "OOOOOO"),
	ROW(history_investigate, "UUUUUU"),
	ROW(history_artifacts, "UUUUUU"),
	ROW(history_hypothesis, "UUUUUU"),
	ROW(history_report, "UUUUUU"),
	ROW(history_failures_alone, "UOOOOO"),
	ROW(history_page, "UUOOOO"),
	ROW(history_save_page, "UUOOOO"),
	ROW(history_name, "OOOOOO"),
	ROW(holds_runs, "OOOOOO"),
	ROW(history_gather, "UUOOOO"),
	ROW(history_run, "OOOOOO"),
	ROW(history_cluster, "OOOOOO"),
	ROW(history_cluster_test, "OOOOOO"),
	ROW(history_recurring, "OOOOOO"),
	ROW(history_above, "OOOOOO"),
	ROW(history_export, "UUOOOO"),
	ROW(history_save, "UUOOOO"),
	ROW(history_prune, "UOOOOO"),
	ROW(history_rename, "UUIIII"),
	ROW(history_check, "UOOOOO"),
	ROW(history_finding, "OOOOOO"),
	ROW(history_added, "OOOOOO"),
	ROW(history_warning, "OOOOOO"),
	ROW(history_rank, "UOOOOO"),
	ROW(history_ranked, "OOOOOO"),
	ROW(rate_range, "OOOOOO"),
	ROW(history_investigated, "OOOOOO"),
	ROW(history_runs, "OOOOOO"),
	ROW(history_outages, "OOOOOO"),
	ROW(history_at, "OOOOOO"),
	ROW(history_write, "UUUUOO"),
	ROW(time, "OOOOOO"),
	ROW(state_name, "OOOOOO"),
	ROW(reader_new, "UUUUUU"),
	ROW(reader_free, "OOOOOO"),
	ROW(is_bad, "OOOOOO"),
	ROW(update_assumed, "OOOOOO"),
	ROW(update_test, "OOOOOO"),
	ROW(update_case, "OOOOOO"),
	ROW(case_next, "UUUUUU"),
	ROW(case_past_the_end, "OOOOOO"),
	ROW(case_id, "OOOOOO"),
	ROW(case_name, "OOOOOO"),
	ROW(case_file, "OOOOOO"),
	ROW(case_is_runnable, "UUUUUU"),
	ROW(on_wait, "OOOOOO"),
	ROW(verdict_name, "OOOOOO"),
	ROW(reason_name, "OOOOOO"),
	ROW(flaky_name, "OOOOOO"),
	ROW(assumption_name, "OOOOOO"),
	ROW(write_fd, "PPPPPP"),
	ROW(version, "OOOOOO"),
	ROW(visible, "OOOOOO"),
	ROW(cancel, "OOOOOO"),
};

static struct world
new_world(enum situation at)
{
	struct world w = { .path = original,
		.in = &input,
		.output = output,
		.write = swallow };
	const char *first = at == AFTER_FAILURE ? broken : original;
	const struct rejunit_input first_input = rejunit_path(first);

	if (at == NO_HANDLE)
		return w;
	if (rejunit_update_new(&w.u, NULL) || rejunit_merge_new(&w.m, NULL) ||
	    rejunit_audit_new(&w.a, NULL) || rejunit_survey_new(&w.s, NULL) ||
	    rejunit_reader_new(&w.r, NULL) || rejunit_diff_new(&w.d, NULL) ||
	    rejunit_history_open(&w.h, NULL, true, NULL) ||
	    rejunit_quarantine_read(&w.q, list, 0, NULL))
		abort();
	OK(rejunit_survey_slowest(w.s, 2, NULL) == REJUNIT_OK);
	if (at == TOO_EARLY)
		return w;
	if (rejunit_update_original(w.u, first, NULL) ||
	    rejunit_update_rerun(w.u, rerun, NULL) ||
	    rejunit_merge_add(w.m, original, NULL) ||
	    rejunit_merge_add(w.m, first, NULL))
		abort();
	OK((rejunit_update_plan(w.u, NULL) != 0) == (at == AFTER_FAILURE));
	OK((rejunit_merge_read(w.m, NULL) != 0) == (at == AFTER_FAILURE));
	OK(rejunit_audit_report(w.a, original, NULL) == REJUNIT_OK);
	OK(rejunit_survey_report(w.s, original, NULL) == REJUNIT_OK);
	OK((rejunit_diff_read(w.d, w.in, &first_input, NULL) != 0) ==
	    (at == AFTER_FAILURE));
	if (at == WHEN_DONE)
		OK(rejunit_history_rank(w.h, &as_usual, NULL) == REJUNIT_OK);
	if (at == NO_ARGUMENT) {
		w.path = w.output = NULL;
		w.in = NULL;
		w.write = NULL;
	}
	return w;
}

static void
free_world(struct world *w)
{
	rejunit_audit_free(w->a);
	rejunit_update_free(w->u);
	rejunit_merge_free(w->m);
	rejunit_survey_free(w->s);
	rejunit_reader_free(w->r);
	rejunit_diff_free(w->d);
	rejunit_history_free(w->h);
	rejunit_quarantine_free(w->q);
}

static void
try(size_t row, enum situation at, int times)
{
	static const char letters[] = {
		[REJUNIT_OK] = 'O',
		[REJUNIT_USAGE] = 'U',
		[REJUNIT_INPUT] = 'I',
		[REJUNIT_OUTPUT] = 'P',
		[REJUNIT_MEMORY] = 'M',
	};
	struct world w = new_world(at);

	/* without a path, the locked original is meant: it was not locked */
	for (int i = 0; i < times; i++) {
		char got, want = table[row].results[(int)at + i];

		w.err = (struct rejunit_error){ 0 };
		got = letters[table[row].call(&w)];
		ok(got == want, table[row].name, __LINE__);
		if (got != want)
			printf("#   situation %d: %c, not %c: %s\n", (int)at,
			    got, want, w.err.message);
		if (got == 'U' || got == 'I')
			OK(w.err.message[0] && w.err.status != REJUNIT_OK);
	}
	free_world(&w);
}

/* Each of the header is in the table. */
static void
look_into_header(void)
{
	FILE *f = fopen("include/rejunit.h", "r");
	char word[128];
	size_t n = 0;
	int c = ' ';

	OK(f != NULL);
	while (f && c != EOF) {
		size_t k = 0, row = 0, rows = sizeof(table) / sizeof(*table);

		while ((c = fgetc(f)) != EOF && k < sizeof(word) - 1 &&
		       (c == '_' || (c >= 'a' && c <= 'z')))
			word[k++] = (char)c;
		word[k] = '\0';
		if (c != '(' || strncmp(word, "rejunit_", 8) != 0 ||
		    rj_str_ends(rj_str(word), RJ_STR("_fn")))
			continue;
		while (row < rows && strcmp(table[row].name, word) != 0)
			row++;
		ok(row < rows, word, __LINE__);
		n++;
	}
	OK(n >= sizeof(table) / sizeof(*table));
	if (f)
		fclose(f);
}

/* --- outputs are as before ----------------------------------------------- */

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f) != 0)
		abort();
}

static void
merge_again(void)
{
	struct rejunit_merge *m = NULL;
	struct rejunit_error err;
	size_t n = 0;

	if (rejunit_merge_new(&m, NULL) ||
	    rejunit_merge_add(m, original, NULL) ||
	    rejunit_merge_add(m, broken, NULL))
		abort();
	OK(rejunit_merge_join_suites(m, true, NULL) == REJUNIT_OK);
	OK(rejunit_merge_read(m, &err) == REJUNIT_INPUT);
	OK(rejunit_merge_count(m, REJUNIT_COUNT_CASES) == 0);
	OK(rejunit_merge_count(m, REJUNIT_COUNT_REPORTS) == 0);
	OK(rejunit_merge_write(m, swallow, &n, &err) == REJUNIT_USAGE);
	write_file(broken, RERUN);
	OK(rejunit_merge_read(m, &err) == REJUNIT_OK);
	OK(rejunit_merge_count(m, REJUNIT_COUNT_CASES) == 3);
	OK(rejunit_merge_count(m, REJUNIT_COUNT_REPORTS) == 2);
	OK(rejunit_merge_write(m, swallow, &n, &err) == REJUNIT_OK && n > 0);
	unlink(broken);
	rejunit_merge_free(m);
}

static void
plan_again(void)
{
	struct rejunit_update *u = NULL;
	struct rejunit_error err;

	if (rejunit_update_new(&u, NULL) ||
	    rejunit_update_original(u, original, NULL) ||
	    rejunit_update_rerun(u, broken, NULL))
		abort();
	OK(rejunit_update_plan(u, &err) == REJUNIT_INPUT);
	OK(rejunit_update_count(u, REJUNIT_COUNT_CASES) == 0);
	OK(!rejunit_update_decision(u, 0) && !rejunit_update_warning(u, 0));
	write_file(broken, RERUN);
	OK(rejunit_update_plan(u, &err) == REJUNIT_OK);
	OK(rejunit_update_count(u, REJUNIT_COUNT_RECOVERED) == 1);
	OK(rejunit_update_decision(u, 0) && !rejunit_update_decision(u, 1));
	unlink(broken);
	rejunit_update_free(u);
}

/* What is locked is what will be replaced. */
static void
lock_first(void)
{
	struct rejunit_update *u = NULL;
	struct rejunit_error err;

	if (rejunit_update_new(&u, NULL) ||
	    rejunit_update_original(u, original, NULL) ||
	    rejunit_update_rerun(u, rerun, NULL) ||
	    rejunit_update_lock(u, 0, NULL))
		abort();
	OK(rejunit_update_original(u, rerun, &err) == REJUNIT_USAGE);
	OK(rejunit_update_plan(u, &err) == REJUNIT_OK);
	OK(rejunit_update_count(u, REJUNIT_COUNT_CASES) == 2);
	rejunit_update_free(u);
}

/* Values that no name stands for, and a descriptor that is none. */
static void
no_such(void)
{
	struct rejunit_input in = rejunit_descriptor(original, -1);
	struct rejunit_update *u = NULL;
	struct rejunit_audit *a = NULL;
	struct rejunit_error err;
	char out[16];
	size_t n = 0;
	int fds[2];

	if (rejunit_update_new(&u, NULL) || rejunit_audit_new(&a, NULL))
		abort();
	OK(rejunit_update_evidence(u, (enum rejunit_evidence)3, &err) ==
	    REJUNIT_USAGE);
	OK(rejunit_update_match(
	       u, REJUNIT_NAME | REJUNIT_HOSTNAME << 1, &err) == REJUNIT_USAGE);
	OK(rejunit_update_assume(u, REJUNIT_ASSUME_COMPLETE << 1, &err) ==
	    REJUNIT_USAGE);
	OK(rejunit_update_assumed(u) == 0);
	OK(rejunit_audit_write(a, REJUNIT_CSV, swallow, &n, &err) ==
	    REJUNIT_USAGE);
	OK(rejunit_audit_write(a, REJUNIT_MARKDOWN, swallow, &n, &err) ==
		REJUNIT_USAGE &&
	    n == 0);
	OK(rejunit_audit_profile(a, (enum rejunit_profile)3, &err) ==
	    REJUNIT_USAGE);
	OK(rejunit_audit_report_from(a, &in, &err) == REJUNIT_INPUT);
	OK(pipe(fds) == 0);
	in = rejunit_descriptor("the end to write to", fds[1]);
	OK(rejunit_audit_report_from(a, &in, &err) == REJUNIT_INPUT);
	close(fds[0]);
	close(fds[1]);
	OK(rejunit_write_fd(NULL, "x", 1) != 0);
	OK(rejunit_visible("a", 1, out, NULL) == 1 && out[0] == 'a');
	OK(rejunit_visible("a", 1, NULL, NULL) == 0);
	rejunit_audit_free(a);
	rejunit_update_free(u);
}

/* A set is no report. */
static void
prove_a_set(void)
{
	const struct rejunit_input in =
	    rejunit_memory("memory", RERUN, sizeof(RERUN) - 1);
	struct rejunit_update *u = NULL;
	struct rejunit_audit *a = NULL;
	struct rejunit_error err;
	char sub[64], first[96];

	snprintf(sub, sizeof(sub), "%s/set", folder);
	snprintf(first, sizeof(first), "%s/1.xml", sub);
	if (mkdir(sub, 0700))
		abort();
	write_file(first, ORIGINAL);
	if (rejunit_update_new(&u, NULL) || rejunit_audit_new(&a, NULL) ||
	    rejunit_update_original(u, sub, NULL) ||
	    rejunit_update_rerun(u, rerun, NULL) ||
	    rejunit_update_plan(u, NULL))
		abort();
	OK(rejunit_audit_update_from(a, u, &in, &err) == REJUNIT_USAGE);
	OK(rejunit_audit_count(a) == 0);
	unlink(first);
	rmdir(sub);
	rejunit_audit_free(a);
	rejunit_update_free(u);
}

/* A folder whose second file may not be read: of the first nothing stays. */
static void
audit_locked(struct rejunit_audit *a, const char *sub, const char *first,
    const char *second)
{
	struct rejunit_update *u = NULL;
	size_t found, reports = rejunit_audit_reports(a);

	write_file(first, "<testsuite tests='5'><testcase/></testsuite>");
	OK(rejunit_audit_report(a, first, NULL) == REJUNIT_OK);
	found = rejunit_audit_count(a);
	OK(found > 0);
	if (rejunit_update_new(&u, NULL) ||
	    rejunit_update_original(u, sub, NULL) ||
	    rejunit_update_rerun(u, rerun, NULL))
		abort();
	OK(rejunit_update_plan(u, NULL) == REJUNIT_OK);
	chmod(folder, 0755);
	chmod(sub, 0755);
	chmod(first, 0644);
	chmod(second, 0);
	/* who may do everything may not be refused */
	if (geteuid() == 0 && seteuid(65534) != 0)
		puts("# still root");
	if (open(second, O_RDONLY) < 0) {
		OK(rejunit_audit_report(a, sub, NULL) == REJUNIT_INPUT);
		OK(rejunit_audit_update(a, u, sub, NULL) == REJUNIT_INPUT);
	}
	if (getuid() == 0 && seteuid(0) != 0)
		abort();
	OK(rejunit_audit_reports(a) == reports + 1);
	OK(rejunit_audit_count(a) == found);
	rejunit_update_free(u);
}

/* A folder whose second file is no sound report. */
static void
survey_again(void)
{
	struct rejunit_survey *s = NULL;
	struct rejunit_audit *a = NULL;
	char sub[64], first[96], second[96];
	size_t found;

	snprintf(sub, sizeof(sub), "%s/sub", folder);
	snprintf(first, sizeof(first), "%s/1.xml", sub);
	snprintf(second, sizeof(second), "%s/2.xml", sub);
	if (mkdir(sub, 0700) || rejunit_survey_new(&s, NULL) ||
	    rejunit_audit_new(&a, NULL))
		abort();
	OK(rejunit_survey_slowest(s, 2, NULL) == REJUNIT_OK);
	write_file(first, ORIGINAL);
	write_file(second, "<testsuite><testcase name='x'>");
	OK(rejunit_survey_report(s, original, NULL) == REJUNIT_OK);
	OK(rejunit_survey_report(s, sub, NULL) == REJUNIT_INPUT);
	OK(rejunit_survey_count(s, REJUNIT_COUNT_CASES) == 2);
	OK(rejunit_survey_count(s, REJUNIT_COUNT_REPORTS) == 1);
	OK(rejunit_survey_entry(s, REJUNIT_LIST_FAILING, 0) != NULL);
	OK(rejunit_survey_entry(s, REJUNIT_LIST_FAILING, 1) == NULL);
	OK(is(rj_str(rejunit_survey_time(s)), "3.000"));
	write_file(second, RERUN);
	OK(rejunit_survey_report(s, sub, NULL) == REJUNIT_OK);
	OK(rejunit_survey_count(s, REJUNIT_COUNT_CASES) == 5);
	OK(rejunit_survey_entry(s, REJUNIT_LIST_FAILING, 1) != NULL);
	OK(is(rj_str(rejunit_entry_time(
		  rejunit_survey_entry(s, REJUNIT_LIST_SLOWEST, 1))),
	    "2.000"));

	/* what an audit cannot read is an error, and no finding */
	OK(rejunit_audit_report(a, sub, NULL) == REJUNIT_OK);
	found = rejunit_audit_count(a);
	OK(rejunit_audit_reports(a) == 2);
	OK(rejunit_audit_report(a, broken, NULL) == REJUNIT_INPUT);
	OK(rejunit_audit_reports(a) == 2 && rejunit_audit_count(a) == found);
	audit_locked(a, sub, first, second);
	unlink(first);
	unlink(second);
	rmdir(sub);
	rejunit_survey_free(s);
	rejunit_audit_free(a);
}

int
main(void)
{
	if (!mkdtemp(folder))
		return EXIT_FAILURE;
	snprintf(original, sizeof(original), "%s/original.xml", folder);
	snprintf(rerun, sizeof(rerun), "%s/rerun.xml", folder);
	snprintf(output, sizeof(output), "%s/output", folder);
	snprintf(broken, sizeof(broken), "%s/broken.xml", folder);
	snprintf(list, sizeof(list), "%s/list.txt", folder);
	write_file(original, ORIGINAL);
	write_file(rerun, RERUN);
	write_file(list, "# until=2099-12-31\na::b\n");
	input = rejunit_path(original);
	for (size_t row = 0; row < sizeof(table) / sizeof(*table); row++)
		for (int at = 0; at < SITUATIONS; at++)
			try(row, (enum situation)at, at == WHEN_DONE ? 2 : 1);
	look_into_header();
	merge_again();
	plan_again();
	lock_first();
	no_such();
	prove_a_set();
	survey_again();
	unlink(original);
	unlink(rerun);
	unlink(output);
	unlink(list);
	OK(rmdir(folder) == 0);
	return done();
}
