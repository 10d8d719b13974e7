/* The loop: reruns what failed, updates the report, and decides. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

#define OUTAGE	 10 /* tests, and percent, above which nothing is rerun */
#define CALL_MAX 100000 /* bytes of ids in one call */

/* A command of somebody's own takes tests as lists have them. */
static const struct runner *
form_of(const struct running *s)
{
	return s->rerun_command ? NULL : s->runner;
}

/* What the report says now. */
static enum rejunit_status
look(struct running *s, const char *report)
{
	struct reading r = { .runner = form_of(s), .bad = &s->failed };
	enum rejunit_status status;

	free_words(&s->failed);
	status = read_report(s, report, &r);
	sort_words(&s->failed);
	s->cases = r.cases;
	s->bad = r.n_bad;
	return status;
}

/* --- the update ----------------------------------------------------------- */

/* Where the result of an update goes: of a set, to a folder of its own. */
static void
result_of(const struct running *s, char out[PLACE_MAX])
{
	if (is_folder(s->attempts.of[0]))
		snprintf(out, PLACE_MAX, "%s/result", s->folder);
	else
		snprintf(out, PLACE_MAX, "%.4000s", s->report);
}

/* All of the reruns at once, on the first report: as if somebody typed it. */
static int
update(struct running *s, bool last)
{
	struct words w = { .n = 0 };
	char result[PLACE_MAX];
	bool ok = add_word(&w, "update");
	int status;

	result_of(s, result);
	ok = ok && add_two(&w, "--output=", result);
	if (last)
		for (size_t i = 0; i < s->for_update.n && ok; i++)
			ok = add_word(&w, s->for_update.of[i]);
	if (!last || s->common.quiet)
		ok = ok && add_word(&w, "-q");
	ok = ok && add_word(&w, "--");
	for (size_t i = 0; i < s->attempts.n && ok; i++)
		ok = add_word(&w, s->attempts.of[i]);
	status = ok ? run_within(&update_command, (int)w.n, w.of) : EXIT_INPUT;
	free_words(&w);
	return status;
}

static void
record(struct running *s)
{
	struct words w = { .n = 0 };
	bool ok = add_word(&w, "record") && add_word(&w, "-q");

	for (size_t i = 0; i < s->for_record.n && ok; i++)
		ok = add_word(&w, s->for_record.of[i]);
	if (ok && add_word(&w, "--") && add_word(&w, s->report))
		(void)run_within(&record_command, (int)w.n, w.of);
	free_words(&w);
}

/* --- a rerun -------------------------------------------------------------- */

/* The command that somebody gave, its {ids} and its {report} filled in. */
static bool
fill_command(struct running *s, struct words *to, const char *report,
    size_t first, size_t n, bool *has_report)
{
	char **words = split_words(s->rerun_command);
	bool ok = words && words[0];

	*has_report = false;
	for (int i = 0; ok && words[i]; i++) {
		const char *at = strstr(words[i], "{report}");

		if (strcmp(words[i], "{ids}") == 0) {
			for (size_t k = first; k < first + n && ok; k++)
				ok = add_word(to, s->failed.of[k]);
		} else if (at) {
			char word[8192];

			*has_report = true;
			snprintf(word, sizeof(word), "%.*s%s%s",
			    (int)(at - words[i]), words[i], report,
			    at + strlen("{report}"));
			ok = add_word(to, word);
		} else {
			ok = add_word(to, words[i]);
		}
	}
	free(words);
	return ok;
}

/* Says what was asked for and did not run. */
static void
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
		run_say(s,
		    "%zu test%s asked for, and did not run: %.400s%s", missing,
		    missing == 1 ? " was" : "s were", one,
		    missing == 1 ? "" : ", say");
}

static const char *
name_of(const char *place)
{
	return strrchr(place, '/') + 1;
}

/* A pass is one only if the rerun's status goes with what its report says. */
static enum rejunit_status
judge(
    struct running *s, int status, const char *report, size_t first, size_t n)
{
	struct words ran = { .n = 0 };
	struct reading r = { .runner = form_of(s), .ran = &ran };

	if (read_report(s, report, &r)) {
		free_words(&ran);
		if (s->common.err.status == REJUNIT_MEMORY)
			return REJUNIT_MEMORY;
		print_error(&s->common.err);
		run_say(s, "the rerun counts for nothing");
		return REJUNIT_OK;
	}
	miss(s, &ran, first, n);
	free_words(&ran);
	if (r.cases == 0)
		return REJUNIT_OK;
	if (status && !(is_failed_status(s->runner, status) && r.n_bad)) {
		run_say(s,
		    "the rerun ended with %d, which its report does not "
		    "explain: it counts for nothing",
		    status);
		return REJUNIT_OK;
	}
	return add_word(&s->attempts, report) ? keep_report(s, report, name_of(report))
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

/* The runner's own. */
static bool
make_own(struct running *s, struct words *to, const char *place, size_t first,
    size_t n, bool *told)
{
	const char *name = s->runner->in_folder;
	char folder[PLACE_MAX * 2] = "";
	struct rerun how = {
		.argv = s->argv,
		.from = s->arguments,
		.added = s->added,
		.native = s->native,
		.place = place,
		.ids = &s->failed,
		.first = first,
		.n = n,
	};

	if (name && *name) {
		snprintf(folder, sizeof(folder), "%s.d", place);
		(void)mkdir(folder, 0777);
		snprintf(folder, sizeof(folder), "%s.d/%s", place, name);
		how.place = folder;
	}
	*told = s->runner->output != NULL;
	return make_rerun(s->runner, to, &how);
}

static enum rejunit_status
call(struct running *s, int attempt, size_t number, size_t first, size_t n)
{
	struct words argv = { .n = 0 };
	char place[PLACE_MAX];
	bool told = true, ok, is_there;
	struct before before;
	enum rejunit_status status = make_place(s, attempt, number, place);
	int ended, trouble;

	if (status)
		return status;
	ok = s->rerun_command
		 ? fill_command(s, &argv, place, first, n, &told)
		 : make_own(s, &argv, place, first, n, &told);
	if (!ok) {
		free_words(&argv);
		return no_memory(&s->common.err);
	}
	remember_report(s, &before);
	ended = run_child(argv.of, attempt, &trouble);
	if (s->runner->lingers)
		wait_for_rest();
	free_words(&argv);
	if (trouble) {
		errno = trouble;
		return run_fail(s, REJUNIT_INPUT,
		    s->rerun_command ? s->rerun_command : s->argv[0]);
	}
	if (asked_to_end())
		return REJUNIT_OK;
	status = find_result(s, told, &before, place, &is_there);
	if (status)
		return status;
	if (!is_there) {
		run_say(s, "the rerun left no report: it counts for nothing");
		return REJUNIT_OK;
	}
	return judge(s, ended, place, first, n);
}

/* In as many calls as their ids need. */
static enum rejunit_status
rerun(struct running *s, int attempt)
{
	enum rejunit_status status = REJUNIT_OK;
	size_t number = 0, twice = s->runner->selecting.special ? 2 : 1;
	bool one = s->runner->one_by_one && !s->rerun_command && !s->native;

	for (size_t i = 0, end; i < s->failed.n && !status && !asked_to_end();
	     i = end) {
		size_t bytes = 0;

		for (end = i; end < s->failed.n; end++) {
			bytes += strlen(s->failed.of[end]) * twice + 8;
			if (end > i && (one || bytes > CALL_MAX))
				break;
		}
		status = call(s, attempt, number++, i, end - i);
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
		if (s->budget >= 0 && seconds_now() - s->start > s->budget) {
			run_say(s, "the time is up: nothing more is rerun");
			break;
		}
		wait_a_while(s->delay);
		status = rerun(s, k);
		if (status || asked_to_end() || s->attempts.n == known)
			break;
		known = s->attempts.n;
		/* the best report there is, whatever comes next */
		if (update(s, false) > EXIT_FAILING)
			break;
		status = look(s, result);
	}
	return status;
}

/* What no report says, and no rerun mends. */
static int
settle(struct running *s, int updated)
{
	const char *early = why_it_stops_early(
	    s->runner, s->argv + s->arguments, &s->configured);
	const char *gate =
	    which_gate(s->runner, s->argv + s->arguments, &s->configured);

	if (updated != EXIT_GREEN || !(early || gate))
		return updated;
	run_say(s,
	    "nothing fails any more, but %s (%.80s): the status stays %d",
	    early ? "tests may not have run" : "there is a gate",
	    early ? early : gate, s->first_status);
	return s->first_status;
}

/* A runner may have put its rerun's reports in the place of the first ones. */
static enum rejunit_status
put_back(struct running *s)
{
	const char *first = s->attempts.of[0];
	bool updated = s->attempts.n > 1;
	char result[PLACE_MAX];

	if (!is_folder(first))
		return updated ? REJUNIT_OK : copy_report(s, first, s->report);
	result_of(s, result);
	return copy_report(s, updated && is_folder(result) ? result : first,
	    set_folder(s->report));
}

static enum rejunit_status
loop(struct running *s, const char *place)
{
	enum rejunit_status status = keep_report(s, place, name_of(place));
	int updated = EXIT_FAILING;

	if (!status)
		status = rerun_all(s);
	if (status)
		return status;
	if (s->attempts.n > 1)
		updated = update(s, !asked_to_end());
	status = put_back(s);
	if (s->attempts.n == 1 && s->records)
		record(s);
	if (status)
		return status;
	return run_end_with(
	    s, asked_to_end() ? 128 + asked_to_end() : settle(s, updated));
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

/* What is to be done about how the first run ended. */
enum rejunit_status
run_loop(struct running *s)
{
	struct before before;
	char place[PLACE_MAX];
	enum rejunit_status status;
	int ended, trouble;

	remember_report(s, &before);
	ended = s->first_status = run_child(s->command.of, 0, &trouble);
	if (s->runner->lingers)
		wait_for_rest();
	if (trouble) {
		fprintf(
		    stderr, "rejunit: %s: %s\n", s->argv[0], strerror(trouble));
		return run_end_as(s, ended);
	}
	if (asked_to_end() || ended > 128)
		return run_end_as(s, ended);
	if (!is_new_report(s, &before)) {
		run_say(s,
		    "%s left no new report at %.300s: its status is all there "
		    "is",
		    s->runner->name, s->report);
		return run_end_as(s, ended);
	}
	status = make_place(s, 0, 0, place);
	if (!status)
		status = save_report(s, &before, place);
	if (!status && !add_word(&s->attempts, place))
		status = no_memory(&s->common.err);
	if (!status)
		status = look(s, is_folder(place) ? place : s->report);
	if (status == REJUNIT_MEMORY || status == REJUNIT_OUTPUT)
		return status;
	if (status) {
		print_error(&s->common.err);
		return run_end_as(s, ended ? ended : EXIT_INPUT);
	}
	if (!is_over(s, ended))
		return loop(s, place);
	if (s->records && (ended == 0 || is_failed_status(s->runner, ended)))
		record(s);
	if (s->bad)
		return run_end_with(s, ended ? ended : EXIT_FAILING);
	return run_end_as(s, ended);
}
