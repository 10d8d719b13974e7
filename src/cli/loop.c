/* The loop: reruns what failed, updates the report, and decides. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

#define OUTAGE	 10 /* tests, and percent, above which nothing is rerun */
#define IDS	 "{ids}"
#define REPORT	 "{report}"
#define CALL_MAX 100000 /* bytes of ids in one call, and of one word */

/* A command of somebody's own takes tests as lists have them. */
static const struct runner *
form_of(const struct running *s)
{
	return s->rerun_command ? NULL : s->runner;
}

/* What a report says now. */
static enum rejunit_status
look(struct running *s, const char *report)
{
	struct reading r = { .runner = form_of(s), .bad = &s->failed };
	enum rejunit_status status;

	free_words(&s->failed);
	free_words(&s->skipped);
	if (s->runner->reruns_skipped && !s->rerun_command)
		r.skipped = &s->skipped;
	status = read_report(s, report, &r);
	sort_words(&s->failed);
	sort_words(&s->skipped);
	s->cases = r.cases;
	s->bad = r.n_bad;
	s->nameless = r.nameless;
	s->collected = r.collected;
	s->ended = r.ended;
	return status;
}

/* --- the update ----------------------------------------------------------- */

/* What the reruns have come to so far, beside the report itself. */
static void
result_of(const struct running *s, char out[PLACE_MAX])
{
	snprintf(out, PLACE_MAX, "%.4000s/result%s", s->folder,
	    is_folder(s->attempts.of[0]) ? "" : ".xml");
}

/*
 * All of the reruns at once, on the first report: as if somebody typed it. Of
 * a run without a rerun, the report is its own: nothing is mended by that, and
 * all that is asked for beside is said of it.
 */
static int
update(struct running *s, bool last, const char *to)
{
	struct words w = { .n = 0 };
	bool alone = s->attempts.n == 1;
	char again[PLACE_MAX];
	bool ok = add_word(&w, "update") && add_two(&w, "--output=", to);
	int status;

	if (alone) {
		make_place(s, 0, 1, again);
		if (copy_report(s, s->attempts.of[0], again)) {
			print_error(&s->common.err);
			ok = false;
		}
	}
	ok = ok && add_words(&w, (const char *const *)s->for_each.of);
	for (size_t i = 0; last && i < s->for_last.n && ok; i++)
		if (!alone || !starts(s->for_last.of[i], "--record"))
			ok = add_word(&w, s->for_last.of[i]);
	if (!last || alone || s->common.quiet)
		ok = ok && add_word(&w, "-q");
	ok = ok && add_word(&w, "--");
	ok = ok && add_words(&w, (const char *const *)s->attempts.of);
	if (alone)
		ok = ok && add_word(&w, again);
	status = ok ? run_within(&update_command, (int)w.n, w.of) : EXIT_INPUT;
	free_words(&w);
	return status;
}

/* --- a rerun -------------------------------------------------------------- */

/* The command that somebody gave, its {ids} and its {report} filled in. */
static bool
fill_command(struct running *s, struct words *to, const char *report,
    size_t first, size_t n, bool *has_report)
{
	char **words = split_words(s->rerun_command);
	bool ok = words != NULL;

	*has_report = strstr(s->rerun_command, REPORT) != NULL;
	for (int i = 0; ok && words[i]; i++) {
		/* a word each, for one with an id in it */
		bool has_ids = strstr(words[i], IDS) != NULL;

		for (size_t k = first; k < first + n && has_ids && ok; k++)
			ok = add_filled(to, words[i], IDS, s->failed.of[k]);
		if (!has_ids)
			ok = add_filled(to, words[i], REPORT, report);
	}
	free(words);
	return ok;
}

/* Says what was asked for and did not run: so many. */
static size_t
miss(const struct running *s, struct words *ran, size_t first, size_t n)
{
	size_t missing = 0;
	const char *one = NULL;

	sort_words(ran);
	for (size_t i = first; i < first + n; i++)
		if (!has_word(ran, s->failed.of[i])) {
			missing++;
			one = s->failed.of[i];
		}
	if (missing)
		run_say(s, "%zu test%s asked for, and did not run: %.400s%s",
		    missing, missing == 1 ? " was" : "s were", one,
		    missing == 1 ? "" : ", say");
	return missing;
}

/* For whoever wants to look at it; it is no reason to give up. */
static void
keep(struct running *s, const char *place)
{
	if (keep_report(s, place, strrchr(place, '/') + 1))
		print_error(&s->common.err);
}

/* A pass is one only if the rerun's status goes with what its report says. */
static enum rejunit_status
judge(struct running *s, int status, const char *report, size_t first, size_t n)
{
	struct words ran = { .n = 0 };
	struct reading r = { .runner = form_of(s), .ran = &ran };
	size_t missing;

	if (read_report(s, report, &r)) {
		free_words(&ran);
		if (s->common.err.status == REJUNIT_MEMORY)
			return REJUNIT_MEMORY;
		print_error(&s->common.err);
		run_say(s, "the rerun counts for nothing");
		return REJUNIT_OK;
	}
	missing = miss(s, &ran, first, n);
	free_words(&ran);
	if (r.cases == 0 || missing == n)
		return REJUNIT_OK;
	if (status && !(is_failed_status(s->runner, status) && r.n_bad)) {
		run_say(s,
		    "the rerun ended with %d, which its report does not "
		    "explain: it counts for nothing",
		    status);
		return REJUNIT_OK;
	}
	keep(s, report);
	return add_word(&s->attempts, report) ? REJUNIT_OK
					      : no_memory(&s->common.err);
}

/* What a runner puts into a folder that it was told goes to its place. */
static enum rejunit_status
find_told(struct running *s, const char *place, bool *is_there)
{
	const char *name = s->runner->in_folder;
	char path[PLACE_MAX * 2];

	if (name && *name && !s->rerun_command) {
		snprintf(path, sizeof(path), "%s.d/%s", place, name);
		*is_there = access(path, F_OK) == 0;
		return *is_there ? copy_report(s, path, place) : REJUNIT_OK;
	}
	*is_there = access(place, F_OK) == 0;
	return REJUNIT_OK;
}

/* Its own report is where it was told to be, or where the first one was. */
static enum rejunit_status
find_result(struct running *s, bool told, const struct before *b,
    const char *place, bool *is_there)
{
	if (told)
		return find_told(s, place, is_there);
	*is_there = is_new_report(s, b);
	return *is_there ? save_report(s, b, place) : REJUNIT_OK;
}

/* The runner's own; with what it skipped, in the first call. */
static bool
make_own(struct running *s, struct words *to, const char *place, size_t first,
    size_t n, bool *told)
{
	const char *name = s->runner->in_folder;
	char folder[PLACE_MAX * 2];
	struct words ids = { .n = 0 };
	struct rerun how = {
		.argv = s->argv,
		.from = s->arguments,
		.added = s->added,
		.native = s->native,
		.place = place,
		.folder = s->rootdir,
		.covers =
		    measures_coverage(s->argv + s->arguments, &s->configured),
		.jobs = s->jobs,
		.ids = &ids,
	};
	bool ok = true;

	for (size_t i = first; i < first + n && ok; i++)
		ok = add_word(&ids, s->failed.of[i]);
	for (size_t i = 0;
	     first == 0 && i < s->skipped.n && ok && ids.bytes < CALL_MAX; i++)
		ok = add_word(&ids, s->skipped.of[i]);
	how.n = ids.n;
	if (name && *name) {
		snprintf(folder, sizeof(folder), "%s.d", place);
		(void)mkdir(folder, 0777);
		snprintf(folder, sizeof(folder), "%s.d/%s", place, name);
		how.place = folder;
	}
	*told = s->runner->output != NULL;
	ok = ok && make_rerun(s->runner, to, &how);
	free_words(&ids);
	return ok;
}

/* Runs it. *ended: its status; less than 0: it could not be started. */
static enum rejunit_status
start(struct running *s, int attempt, const char *place, size_t first, size_t n,
    bool *told, int *ended)
{
	struct words argv = { .n = 0 };
	bool ok = s->rerun_command
		      ? fill_command(s, &argv, place, first, n, told)
		      : make_own(s, &argv, place, first, n, told);
	int trouble;

	if (!ok) {
		free_words(&argv);
		return no_memory(&s->common.err);
	}
	*ended = run_tests(s, argv.of, attempt, &trouble);
	if (trouble) {
		run_say(s, "the rerun counts for nothing: %.300s: %s",
		    s->rerun_command ? s->rerun_command : s->argv[0],
		    strerror(trouble));
		*ended = -1;
	}
	free_words(&argv);
	return REJUNIT_OK;
}

static enum rejunit_status
call(struct running *s, int attempt, size_t first, size_t n)
{
	char place[PLACE_MAX];
	bool told = true, is_there;
	struct before before;
	enum rejunit_status status;
	int ended = -1;

	make_place(s, attempt, s->calls++, place);
	remember_report(s, &before);
	status = start(s, attempt, place, first, n, &told, &ended);
	if (status || ended < 0 || asked_to_end())
		return status;
	if (s->runner->interrupted && ended == s->runner->interrupted) {
		run_say(s, "the rerun was interrupted");
		s->is_over = true;
		return REJUNIT_OK;
	}
	/* of several, one that is not there is the end of all: by halves */
	if (s->runner->not_found && ended == s->runner->not_found && n > 1) {
		status = call(s, attempt, first, n / 2);
		return status || asked_to_end() || s->is_over
			   ? status
			   : call(s, attempt, first + n / 2, n - n / 2);
	}
	status = find_result(s, told, &before, place, &is_there);
	if (status)
		return status;
	if (!is_there) {
		run_say(s, "the rerun left no report: it counts for nothing");
		return REJUNIT_OK;
	}
	return judge(s, ended, place, first, n);
}

/* A subtest runs with the test that it is in, if that is run. */
static bool
is_within(const struct running *s, const char *id)
{
	const char *at = strstr(id, "$/");
	char *parent = at ? strndup(id, (size_t)(at - id) + 1) : NULL;
	bool is = parent && has_word(&s->failed, parent);

	free(parent);
	return is;
}

/* In as many calls as their ids need. */
static enum rejunit_status
rerun(struct running *s, int attempt)
{
	size_t most = s->runner->call_max ? s->runner->call_max : CALL_MAX;
	bool one = s->runner->one_by_one && !s->rerun_command && !s->native;
	enum rejunit_status status = REJUNIT_OK;

	s->calls = 0;
	for (size_t i = 0, end; i < s->failed.n && !status; i = end) {
		size_t bytes = 0;

		if (asked_to_end() || s->is_over)
			break;
		for (end = i; end < s->failed.n; end++) {
			bytes += room_for(s->runner, s->failed.of[end]);
			if (end > i && (one || bytes > most))
				break;
		}
		if (!one || !is_within(s, s->failed.of[i]))
			status = call(s, attempt, i, end - i);
	}
	return status;
}

/* --- the loop ------------------------------------------------------------- */

static void
wait_a_while(double seconds)
{
	struct timespec t = { (time_t)seconds,
		(long)((seconds - (double)(time_t)seconds) * 1e9) };

	(void)nanosleep(&t, NULL);
}

static bool
is_outage(const struct running *s)
{
	double share = s->cases ? 100.0 * (double)s->bad / (double)s->cases : 0;

	if (!s->most_said)
		return s->bad > OUTAGE && share > OUTAGE;
	return s->in_percent ? share > s->most : (double)s->bad > s->most;
}

static enum rejunit_status
rerun_all(struct running *s)
{
	size_t known = s->attempts.n;
	char result[PLACE_MAX];
	enum rejunit_status status = REJUNIT_OK;

	result_of(s, result);
	for (int k = 1; k <= s->retries && s->failed.n && !status; k++) {
		if (s->budget >= 0 &&
		    seconds_now() + s->delay - s->start > s->budget) {
			run_say(s, "the time is up: nothing more is rerun");
			break;
		}
		wait_a_while(s->delay);
		if (asked_to_end())
			break;
		status = rerun(s, k);
		if (status || asked_to_end() || s->is_over ||
		    s->attempts.n == known || k == s->retries)
			break;
		known = s->attempts.n;
		if (update(s, false, result) > EXIT_FAILING)
			break;
		status = look(s, result);
	}
	return status;
}

/* What no report says, and no rerun mends. */
static int
settle(struct running *s, int updated)
{
	char *const *arguments = s->argv + s->arguments;
	const char *early =
	    why_it_stops_early(s->runner, arguments, &s->configured);
	const char *gate = which_gate(s->runner, arguments, &s->configured);

	if (s->collected)
		early = s->ended < s->collected ? "fewer than were collected"
						: NULL;
	if (s->runner->counts_cases && s->first_status > (int)s->first_bad)
		early = "more failed than the report has";
	if (s->nameless && s->runner->nameless_is_cut)
		early = "a test was cut off";
	if (updated != EXIT_GREEN || !s->first_status || !(early || gate))
		return updated;
	run_say(s,
	    "nothing fails any more, but %s (%.80s): the status stays %d",
	    early ? "tests may not have run" : "there is a gate",
	    early ? early : gate, s->first_status);
	return s->first_status;
}

/* The files of a set go to where the first ones are. */
static enum rejunit_status
put_in_place(struct running *s, const char *from)
{
	return copy_report(
	    s, from, is_folder(from) ? set_folder(s->report) : s->report);
}

/* The report as all runs have it, and what else is asked for. */
static enum rejunit_status
finish(struct running *s, int *updated)
{
	bool set = is_folder(s->attempts.of[0]);
	bool mends = s->attempts.n > 1 || s->updates;
	char result[PLACE_MAX];
	enum rejunit_status status = REJUNIT_OK;

	/* a runner may have put its rerun's report in the place of the first */
	if (is_new_report(s, &s->told))
		status = put_in_place(s, s->attempts.of[0]);
	result_of(s, result);
	if (set)
		remove_folder(result);
	if (!status && mends)
		*updated = update(s, true, set ? result : s->report);
	if (!status && mends && set && is_folder(result))
		status = put_in_place(s, result);
	if (!status && set)
		status = remove_others(s, &s->told,
		    mends && is_folder(result) ? result : s->attempts.of[0]);
	if (!status && s->attempts.n == 1 && s->records &&
	    /* an update records what it was made of itself */
	    record_report(s, s->attempts.of[0], NULL) == EXIT_OUTPUT)
		*updated = EXIT_OUTPUT;
	return status;
}

/* Why nothing is rerun; false: something is. */
static bool
is_over(struct running *s, int status)
{
	const char *name = s->runner->name;
	bool failed = is_failed_status(s->runner, status);

	if (s->bad && status == 0)
		run_say(s, "%s ended with 0, and its report has %zu failure%s",
		    name, s->bad, s->bad == 1 ? "" : "s");
	else if (status && !failed)
		run_say(s,
		    "%s ended with %d, which is no verdict: nothing is rerun",
		    name, status);
	else if (failed && !s->bad)
		run_say(s,
		    "%s ended with %d, and no test failed: nothing is rerun",
		    name, status);
	else if (failed && is_outage(s))
		run_say(s,
		    "%zu of %zu tests failed, which is no bad luck: nothing is "
		    "rerun",
		    s->bad, s->cases);
	else
		return !failed;
	return true;
}

/* With a report that can be read. */
static enum rejunit_status
decide(struct running *s, int ended)
{
	bool failed = is_failed_status(s->runner, ended),
	     over = is_over(s, ended);
	int updated = s->bad ? EXIT_FAILING : EXIT_GREEN;
	enum rejunit_status status = over ? REJUNIT_OK : rerun_all(s);

	if (!status && (ended == 0 || failed))
		status = finish(s, &updated);
	if (status)
		return status;
	if (asked_to_end())
		return run_end_as(s, 128 + asked_to_end());
	if (updated > EXIT_FAILING)
		return run_end_as(s, updated);
	/* a verdict that no test explains */
	if (ended && (!failed || !s->bad) && s->attempts.n == 1)
		return run_end_as(s, ended);
	return run_end_with(s, settle(s, updated));
}

/* The first run, and its report where that is as it was. */
static enum rejunit_status
run_first(struct running *s, int *ended, bool *is_there)
{
	struct before before;
	char place[PLACE_MAX];
	enum rejunit_status status;
	int trouble;

	*is_there = false;
	remember_report(s, &before);
	*ended = s->first_status = run_tests(s, s->command.of, 0, &trouble);
	if (trouble) {
		tell_trouble(s, trouble);
		return REJUNIT_OK;
	}
	if (asked_to_end() || *ended > 128)
		return REJUNIT_OK;
	if (!is_new_report(s, &before)) {
		run_say(s,
		    "%s left no new report at %.300s: its status is all there "
		    "is",
		    s->runner->name, s->report);
		return REJUNIT_OK;
	}
	make_place(s, 0, 0, place);
	status = save_report(s, &before, place);
	remember_report(s, &s->told);
	if (!status && !add_word(&s->attempts, place))
		status = no_memory(&s->common.err);
	if (!status)
		status = look(s, is_folder(place) ? place : s->report);
	s->first_bad = s->bad;
	*is_there = !status;
	if (*is_there)
		keep(s, place);
	return status;
}

enum rejunit_status
run_loop(struct running *s)
{
	bool is_there;
	int ended = 0;
	enum rejunit_status status = make_folder(s);

	if (!status)
		status = run_first(s, &ended, &is_there);
	if (status == REJUNIT_INPUT) {
		print_error(&s->common.err);
		return run_end_as(s, ended ? ended : EXIT_INPUT);
	}
	if (status)
		return status;
	if (is_there)
		return decide(s, ended);
	return run_end_as(
	    s, asked_to_end() && ended <= 128 ? 128 + asked_to_end() : ended);
}
