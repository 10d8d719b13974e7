/*
 * Fails every allocation in turn. What an update says then is an error; it
 * does not crash, leaves nothing in memory and nothing on the disk, and the
 * next one is as good as ever.
 *
 * The linker sends our allocations here, xmlMemSetup() those of libxml2.
 */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libxml/parser.h>
#include <libxml/xmlmemory.h>

#include "rejunit.h"
#include "tap.h"

#define MOST 65536 /* live allocations; a power of two */

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void __wrap_free(void *p);

static unsigned long made; /* allocations since the run began */
static unsigned long fails_at; /* 0: none fails */
static bool fails_on; /* and all after it do */
static bool has_failed;
static bool is_theirs; /* libxml2 is at it */
static bool theirs_failed;
static void *live[MOST];
static bool theirs[MOST]; /* whose it is */
static size_t n_ours, n_theirs;

static bool
goes_wrong(void)
{
	made++;
	if (!fails_at || made < fails_at || (made > fails_at && !fails_on))
		return false;
	theirs_failed = theirs_failed || is_theirs;
	return has_failed = true;
}

/* Where p stands, or could stand. */
static size_t
place_of(const void *p)
{
	size_t i = (size_t)p / 16 * 40503 % MOST;

	while (live[i] && live[i] != p)
		i = (i + 1) % MOST;
	return i;
}

static void *
note(void *p)
{
	if (!p)
		return NULL;
	if (n_ours + n_theirs == MOST / 2)
		abort();
	theirs[place_of(p)] = is_theirs;
	live[place_of(p)] = p;
	*(is_theirs ? &n_theirs : &n_ours) += 1;
	return p;
}

/* What others have allocated and we free is not there. */
static void
forget(const void *p)
{
	size_t i = place_of(p);

	if (!p || !live[i])
		return;
	live[i] = NULL;
	*(theirs[i] ? &n_theirs : &n_ours) -= 1;
	/* what follows may have had to step over it */
	for (i = (i + 1) % MOST; live[i]; i = (i + 1) % MOST) {
		void *moved = live[i];
		bool whose = theirs[i];

		live[i] = NULL;
		theirs[place_of(moved)] = whose;
		live[place_of(moved)] = moved;
	}
}

void *
__wrap_malloc(size_t n)
{
	return goes_wrong() ? NULL : note(__real_malloc(n));
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return goes_wrong() ? NULL : note(__real_calloc(n, size));
}

void *
__wrap_realloc(void *p, size_t n)
{
	void *q;

	if (goes_wrong())
		return NULL;
	forget(p);
	q = __real_realloc(p, n);
	return q ? note(q) : NULL;
}

void
__wrap_free(void *p)
{
	forget(p);
	__real_free(p);
}

static void *
their_malloc(size_t n)
{
	void *p;

	is_theirs = true;
	p = __wrap_malloc(n);
	is_theirs = false;
	return p;
}

static void *
their_realloc(void *p, size_t n)
{
	is_theirs = true;
	p = __wrap_realloc(p, n);
	is_theirs = false;
	return p;
}

static char *
their_strdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = their_malloc(n);

	return p ? memcpy(p, s, n) : NULL;
}

#define ROOTDIR "fixtures/adversarial-module-below-rootdir"

/* --- one update ---------------------------------------------------------- */

struct example {
	const char *folder;
	unsigned int reruns;
	bool in_place;
	bool is_set; /* the folder that it is in */
	bool repair;
	bool append;
	unsigned int match;
	bool remembers; /* what a history is asked, too */
};

static char scratch[] = P_tmpdir "/rejunit-test-XXXXXX";

/* Sums up what is written, in memory that nobody allocates. */
struct sum {
	unsigned long long hash;
	size_t n;
};

static int
add_up(void *ctx, const void *data, size_t n)
{
	struct sum *sum = ctx;
	const unsigned char *s = data;

	for (size_t i = 0; i < n; i++)
		sum->hash = (sum->hash ^ s[i]) * 1099511628211u;
	sum->n += n;
	return 0;
}

static enum rejunit_status
take_inputs(struct rejunit_update *u, const struct example *e, const char *copy,
    struct rejunit_error *err)
{
	enum rejunit_status status;
	char path[256];

	snprintf(path, sizeof(path), "fixtures/%s/original.xml", e->folder);
	if (e->in_place)
		snprintf(path, sizeof(path), "%s", e->is_set ? scratch : copy);
	status = rejunit_update_original(u, path, err);
	for (unsigned int i = 1; i <= e->reruns && !status; i++) {
		snprintf(path, sizeof(path),
		    i == 1 ? "fixtures/%s/rerun.xml"
			   : "fixtures/%s/rerun%u.xml",
		    e->folder, i);
		status = rejunit_update_rerun(u, path, err);
	}
	(void)rejunit_update_repair(u, e->repair, err);
	(void)rejunit_update_append_reruns(u, e->append, err);
	if (!status && e->match)
		status = rejunit_update_match(u, e->match, err);
	if (!status)
		status = rejunit_update_rootdir(u, ROOTDIR, err);
	if (!status && e->in_place)
		status = rejunit_update_lock(u, 1, err);
	return status;
}

/* One report out of two. */
static enum rejunit_status
merge(const char *one, const char *other, bool join, bool repair,
    struct sum *sum, struct rejunit_error *err)
{
	struct rejunit_merge *m = NULL;
	enum rejunit_status status = rejunit_merge_new(&m, err);

	if (!status)
		status = rejunit_merge_add(m, one, err);
	if (!status)
		status = rejunit_merge_add(m, other, err);
	if (!status)
		status = rejunit_merge_except(m, "fixtures", err);
	if (!status) {
		(void)rejunit_merge_join_suites(m, join, err);
		(void)rejunit_merge_repair(m, repair, err);
		status = rejunit_merge_read(m, err);
	}
	if (!status)
		status = rejunit_merge_write(m, add_up, sum, err);
	rejunit_merge_free(m);
	return status;
}

/* What is wrong with two reports, and that one is no update of the other. */
static enum rejunit_status
audit(struct rejunit_update *u, const char *one, const char *other,
    struct sum *sum, struct rejunit_error *err)
{
	static const enum rejunit_format formats[] = { REJUNIT_TEXT,
		REJUNIT_JSON, REJUNIT_GITHUB };
	struct rejunit_audit *a = NULL;
	enum rejunit_status status = rejunit_audit_new(&a, err);

	if (!status)
		status = rejunit_audit_report(a, one, err);
	if (!status) {
		(void)rejunit_audit_profile(a, REJUNIT_PROFILE_SUREFIRE, err);
		status = rejunit_audit_report(a, other, err);
	}
	if (!status)
		status = rejunit_audit_update(a, u, one, err);
	if (!status)
		status = rejunit_audit_update(a, u, other, err);
	for (int i = 0; i < 3 && !status; i++)
		status = rejunit_audit_write(a, formats[i], add_up, sum, err);
	rejunit_audit_free(a);
	return status;
}

static enum rejunit_status
survey(const char *one, const char *other, bool repair, struct sum *sum,
    struct rejunit_error *err)
{
	struct rejunit_survey *s = NULL;
	enum rejunit_status status = rejunit_survey_new(&s, err);

	if (!status)
		status = rejunit_survey_rootdir(s, ROOTDIR, err);
	if (!status) {
		(void)rejunit_survey_slowest(s, 3, err);
		(void)rejunit_survey_repair(s, repair, err);
		status = rejunit_survey_report(s, one, err);
	}
	if (!status)
		status = rejunit_survey_report(s, other, err);
	if (!status)
		status = rejunit_survey_write(s, add_up, sum, err);
	rejunit_survey_free(s);
	return status;
}

static enum rejunit_status
diff(const char *one, const char *other, bool repair, struct sum *sum,
    struct rejunit_error *err)
{
	static const enum rejunit_format formats[] = { REJUNIT_JSON,
		REJUNIT_MARKDOWN, REJUNIT_GITHUB };
	const struct rejunit_input before = rejunit_path(one);
	const struct rejunit_input after = rejunit_path(other);
	struct rejunit_diff *d = NULL;
	enum rejunit_status status = rejunit_diff_new(&d, err);

	if (!status)
		status = rejunit_diff_rootdir(d, ROOTDIR, err);
	if (!status)
		status = rejunit_diff_repair(d, repair, err);
	if (!status)
		status = rejunit_diff_read(d, &before, &after, err);
	for (int i = 0; i < 3 && !status; i++)
		status = rejunit_diff_write(d, formats[i], add_up, sum, err);
	rejunit_diff_free(d);
	return status;
}

/* Why the first of its tests flakes. */
static enum rejunit_status
ask_why(struct rejunit_history *h, struct rejunit_ranking *how, struct sum *sum,
    struct rejunit_error *err)
{
	static const enum rejunit_format formats[] = { REJUNIT_JSON,
		REJUNIT_MARKDOWN };
	static const struct rejunit_page page = { .run_url =
						      "https://ci/{run}" };
	struct rejunit_rank rank;
	enum rejunit_status status;

	how->by = REJUNIT_BY_FLAKES;
	status = rejunit_history_rank(h, how, err);
	if (status || !rejunit_history_ranked(h, 0, &rank))
		return status;
	status = rejunit_history_investigate(h, rank.id, how, err);
	if (!status)
		status = rejunit_history_artifacts(h, "test/unit", err);
	if (!status)
		status =
		    rejunit_history_hypothesis(h, "c", "answer", NULL, err);
	for (int i = 0; i < 2 && !status; i++)
		status =
		    rejunit_history_report(h, formats[i], add_up, sum, err);
	if (!status)
		status = rejunit_history_page(h, how, &page, add_up, sum, err);
	return status;
}

/* Two reports in a history, and what that tells. */
static enum rejunit_status
ask_history(
    struct rejunit_history *h, struct sum *sum, struct rejunit_error *err)
{
	static const enum rejunit_format formats[] = { REJUNIT_JSON,
		REJUNIT_CSV, REJUNIT_MARKDOWN };
	struct rejunit_ranking how = {
		.at = 2000000000, .since = 2000000000, .all = true
	};
	struct rejunit_pruned pruned;
	enum rejunit_status status = REJUNIT_OK;

	for (int by = 0; by <= REJUNIT_BY_SIGNATURE && !status; by += 4)
		for (int i = 0; i < 3 && !status; i++) {
			how.by = (enum rejunit_rank_by)by;
			status = rejunit_history_rank(h, &how, err);
			if (!status)
				status = rejunit_history_write(
				    h, formats[i], add_up, sum, err);
		}
	for (int i = 0; i < 2 && !status; i++)
		status = rejunit_history_export(
		    h, formats[i], -1, 2000000000, add_up, sum, err);
	if (!status)
		status = ask_why(h, &how, sum, err);
	if (!status)
		status = rejunit_history_check(h, err);
	if (!status)
		status = rejunit_history_prune(h, 2000000000, &pruned, err);
	return status;
}

static enum rejunit_status
remember(const char *one, const char *other, struct sum *sum,
    struct rejunit_error *err)
{
	static const char *const facts[] = { "seed=1", "x=\"y\"" };
	const struct rejunit_run run = { .name = "r",
		.host = "h",
		.at = 1000000000,
		.attempt = -1,
		.facts = facts,
		.n_facts = 2 };
	const char *const paths[] = { one, other };
	struct rejunit_history *h = NULL;
	enum rejunit_status status = rejunit_history_open(&h, NULL, true, err);

	if (!status)
		status = rejunit_history_record(h, &run, paths, 2, err);
	if (!status)
		status = rejunit_history_record(h, &run, paths, 1, err);
	if (!status)
		status = rejunit_history_gather(h, paths, 2, "*/*", err);
	if (!status)
		status = ask_history(h, sum, err);
	rejunit_history_free(h);
	return status;
}

/* Everything but the update itself. */
static enum rejunit_status
others(struct rejunit_update *u, const struct example *e, struct sum *sum,
    struct rejunit_error *err)
{
	char one[256], other[256];
	enum rejunit_status status;

	snprintf(one, sizeof(one), "fixtures/%s/original.xml", e->folder);
	snprintf(other, sizeof(other), "fixtures/%s/rerun.xml", e->folder);
	status = merge(one, other, e->reruns == 1, e->repair, sum, err);
	if (!status)
		status = audit(u, one, other, sum, err);
	if (!status && e->remembers)
		status = remember(one, other, sum, err);
	if (!status)
		status = diff(one, other, e->repair, sum, err);
	return status ? status : survey(one, other, e->repair, sum, err);
}

/* All that the interface offers, and what it came to. */
static enum rejunit_status
update(const struct example *e, const char *path, struct sum *sum,
    struct rejunit_error *err)
{
	struct rejunit_update *u = NULL;
	enum rejunit_status status = rejunit_update_new(&u, err);

	if (!status)
		status = take_inputs(u, e, path, err);
	if (!status)
		status = rejunit_update_plan(u, err);
	if (!status && !e->is_set)
		status = rejunit_update_write(u, add_up, sum, err);
	for (int i = REJUNIT_TEXT; i <= REJUNIT_GITHUB && !status; i++)
		status = rejunit_update_flakes(
		    u, (enum rejunit_format)i, add_up, sum, err);
	if (!status)
		status = rejunit_update_decisions(u, add_up, sum, err);
	for (size_t i = 0; !status && rejunit_update_decision(u, i); i++) {
		const char *id = rejunit_update_id(u, i);
		int alike;

		status = rejunit_update_alike(u, i, &alike, err);
		if (!status && id) {
			add_up(sum, id, strlen(id));
		} else if (!status) {
			snprintf(err->message, sizeof(err->message), "no id");
			status = REJUNIT_MEMORY;
		}
	}
	/* a proof is of a set as well */
	if (!status && !e->is_set)
		status = others(u, e, sum, err);
	if (!status)
		status = rejunit_update_save(u, e->in_place ? NULL : path, err);
	rejunit_update_free(u);
	return status;
}

/* --- the same, with a fault ---------------------------------------------- */

static bool
read_file(const char *path, char *out, size_t room, size_t *n)
{
	FILE *f = fopen(path, "rb");

	*n = 0;
	if (!f)
		return false;
	*n = fread(out, 1, room, f);
	fclose(f);
	return *n < room;
}

static size_t
count_files(void)
{
	DIR *d = opendir(scratch);
	size_t n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n - 2;
}

static char original[1 << 18], result[1 << 18], found[1 << 18];
static size_t n_original, n_result;

/* A fresh file to update in place, or none to write to. */
static bool
prepare(const struct example *e, const char *path)
{
	FILE *f;
	bool good;

	unlink(path);
	if (!e->in_place)
		return true;
	f = fopen(path, "wb");
	good = f && fwrite(original, 1, n_original, f) == n_original;
	return f && fclose(f) == 0 && good;
}

static bool
complain(const char *what, const struct rejunit_error *err)
{
	printf("#   allocation %lu%s: %s (%d: %s)\n", fails_at,
	    fails_on ? " and on" : "", what, (int)err->status, err->message);
	return false;
}

static bool
try(const struct example *e, const char *path, const struct sum *want,
    size_t ours, size_t at_libxml2)
{
	struct rejunit_error err = { 0 };
	struct sum sum = { 0 };
	enum rejunit_status status;
	size_t n;
	bool there;

	if (!prepare(e, path))
		return complain("no file can be made", &err);
	made = 0;
	has_failed = theirs_failed = false;
	status = update(e, path, &sum, &err);
	/* of the last error, libxml2 keeps a copy */
	xmlResetLastError();
	if (n_ours != ours)
		return complain("memory is lost", &err);
	/* libxml2 itself loses some when it has none */
	if (n_theirs != at_libxml2 && !theirs_failed)
		return complain("memory of libxml2 is lost", &err);
	there = read_file(path, found, sizeof(found), &n);
	if (status && count_files() != (size_t)e->in_place)
		return complain("a file is left", &err);
	if (status && !has_failed)
		return complain("an error without a fault", &err);
	if (status && !err.message[0])
		return complain("an error without a message", &err);
	if (status == REJUNIT_USAGE)
		return complain("it is not the caller's fault", &err);
	if (status && e->in_place &&
	    (n != n_original || memcmp(found, original, n) != 0))
		return complain("the report is not as it was", &err);
	/* libxml2 may take it for an error in the report, which is a finding */
	if (!status &&
	    (!there || n != n_result || memcmp(found, result, n) != 0 ||
		(!theirs_failed &&
		    (sum.hash != want->hash || sum.n != want->n))))
		return complain("success, and another result", &err);
	return true;
}

static unsigned long points;

static bool
fail_each(const struct example *e)
{
	struct rejunit_error err = { 0 };
	struct sum want = { 0 };
	char path[256], from[256];
	size_t base;
	bool good = true;

	snprintf(from, sizeof(from), "fixtures/%s/original.xml", e->folder);
	snprintf(path, sizeof(path), "%s/report.xml", scratch);
	fails_at = 0;
	/* once for what the libraries keep for good */
	if (!read_file(from, original, sizeof(original), &n_original) ||
	    !prepare(e, path) || update(e, path, &want, &err))
		return complain("it does not work at all", &err);
	xmlResetLastError();
	base = n_ours;
	if (!read_file(path, result, sizeof(result), &n_result))
		return complain("no result", &err);
	for (fails_at = 1; good; fails_at++) {
		fails_on = false;
		good = try(e, path, &want, base, n_theirs);
		if (good && !has_failed)
			break;
		fails_on = true;
		good = good && try(e, path, &want, base, n_theirs);
	}
	points += fails_at - 1;
	fails_at = 0;
	good = good && try(e, path, &want, base, n_theirs);
	unlink(path);
	return good;
}

/* The libraries begin their work within so many allocations. */
#define FIRST 40

/* A process in which nobody has used them yet; whether it says nothing. */
static bool
is_silent(const struct example *e, const char *path, const char *said)
{
	struct rejunit_error err = { 0 };
	struct sum sum = { 0 };
	struct stat st;
	int status = 0;
	pid_t child;

	made = 0;
	child = fork();
	if (child == 0) {
		if (freopen(said, "w", stderr))
			(void)update(e, path, &sum, &err);
		fflush(stderr);
		_exit(EXIT_SUCCESS);
	}
	return child > 0 && waitpid(child, &status, 0) == child &&
	       status == 0 && stat(said, &st) == 0 && st.st_size == 0;
}

/* Libraries that cannot even begin have nothing to say either. */
static bool
fail_first(const struct example *e)
{
	char path[256], said[256];
	bool good = true;

	snprintf(path, sizeof(path), "%s/report.xml", scratch);
	snprintf(said, sizeof(said), "%s/said", scratch);
	for (fails_at = 1; fails_at <= FIRST && good; fails_at++)
		good = is_silent(e, path, said);
	if (!good)
		printf("#   allocation %lu is complained of\n", fails_at - 1);
	fails_at = 0;
	unlink(path);
	unlink(said);
	return good;
}

int
main(void)
{
	static const struct example examples[] = {
		{ "adversarial-three-runs", 2, false, false, false, true, 0,
		    true },
		{ "adversarial-twins-swap-places", 1, false, false, false,
		    false, 0, false },
		{ "adversarial-collection-error-twice", 2, true, false, false,
		    false, 0, false },
		{ "adversarial-canonical-twins", 1, false, false, false, false,
		    0, false },
		{ "adversarial-match-by-host", 1, true, false, false, false,
		    REJUNIT_CLASSNAME | REJUNIT_NAME | REJUNIT_HOSTNAME,
		    false },
		{ "encoding-original-utf16-rerun-utf8", 1, true, false, false,
		    false, 0, false },
		{ "encoding-iso-8859-1", 1, false, false, false, false, 0,
		    false },
		{ "repair-bats", 1, false, false, true, false, 0, false },
		{ "adversarial-module-below-rootdir", 1, false, false, false,
		    false, 0, false },
		{ "adversarial-three-runs", 2, true, true, false, false, 0,
		    false },
	};

	if (!mkdtemp(scratch))
		return EXIT_FAILURE;
	xmlMemSetup(__wrap_free, their_malloc, their_realloc, their_strdup);
	ok(fail_first(&examples[0]), "a library that cannot begin says nothing",
	    __LINE__);
	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++)
		ok(fail_each(&examples[i]), examples[i].folder, __LINE__);
	rmdir(scratch);
	printf("# %lu allocations, each failing alone and with all after it\n",
	    points);
	return done();
}
