#include "history/gather.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fcntl.h>

#include "file/fileset.h"
#include "history/lines.h"
#include "history/report.h"
#include "history/travel.h"

/* Run records and histories, by the ends of their names. */
static const char *const endings[] = { ".jsonl", ".jsonl.gz", ".ndjson",
	".ndjson.gz", ".db", NULL };

#define SQLITE_MAGIC "SQLite format 3"

/* The first bytes of a regular file; none of any other. */
static size_t
read_start(const char *path, char *out, size_t room)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = 0;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		n = read(fd, out, room);
	if (fd >= 0)
		close(fd);
	return n > 0 ? (size_t)n : 0;
}

static bool
is_history(const char *path)
{
	char start[sizeof(SQLITE_MAGIC)];

	return rj_is_server(path) ||
	       (read_start(path, start, sizeof(start)) == sizeof(start) &&
		   memcmp(start, SQLITE_MAGIC, sizeof(start)) == 0);
}

static bool
has_ending(const char *path)
{
	for (int i = 0; endings[i]; i++)
		if (rj_str_ends(rj_str(path), rj_str(endings[i])))
			return true;
	return false;
}

/* Others keep databases and lines of JSON, too. */
static bool
is_ours(const char *path)
{
	char start[4096];
	struct rj_str s = { start, read_start(path, start, sizeof(start)) };

	if (rj_str_ends(rj_str(path), RJ_STR(".gz")))
		return true;
	if (rj_str_ends(rj_str(path), RJ_STR(".db")))
		return is_history(path);
	return rj_str_find(s, RJ_STR("\"run\"")) < s.n ||
	       rj_str_find(s, RJ_STR("\"tests\"")) < s.n;
}

/* What a folder holds of run records and histories. */
static enum rejunit_status
find_runs(struct rj_fileset *set, struct rj_arena *a, const char *path,
    struct rejunit_error *err)
{
	enum rejunit_status status =
	    rj_fileset_find_endings(set, a, path, endings, false, err);
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++)
		if (is_ours(set->files[i].input.name))
			set->files[n++] = set->files[i];
	set->n = n;
	return status;
}

bool
rj_holds_runs(const char *path)
{
	struct rj_arena arena = { 0 };
	struct rejunit_error err;
	struct rj_fileset set;
	struct stat st;
	bool does;

	if (rj_is_server(path))
		return true;
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return has_ending(path) || is_history(path);
	does = find_runs(&set, &arena, path, &err) == REJUNIT_OK && set.n > 0;
	rj_fileset_free(&set);
	rj_arena_free(&arena);
	return does;
}

/* --- run records, and other histories ------------------------------------- */

struct gathering {
	struct rj_history *history;
	const char *path;
	struct rj_arena arena;
	size_t *added;
};

static enum rejunit_status
keep_line(void *ctx, struct rj_str line, unsigned long number)
{
	struct gathering *g = ctx;
	struct rejunit_error *err = g->history->db.err;
	struct rj_record r;
	enum rejunit_status status;

	rj_arena_reset(&g->arena);
	status = rj_record_read(&r, &g->arena, line, g->path, number, err);
	if (status)
		return status;
	status = rj_history_keep(g->history, &r, g->added);
	rj_record_free(&r);
	return status;
}

static enum rejunit_status
keep_record(void *ctx, const struct rj_record *r)
{
	const struct gathering *g = ctx;

	return rj_history_keep(g->history, r, g->added);
}

static enum rejunit_status
keep_history(struct gathering *g)
{
	struct rj_history other;
	enum rejunit_status status =
	    rj_history_open(&other, g->path, false, g->history->db.err);

	if (!status)
		status = rj_history_begin(&other, false);
	if (!status)
		status =
		    rj_history_end(&other, rj_history_each(&other, INT64_MIN,
					       INT64_MAX, keep_record, g));
	rj_history_close(&other);
	return status;
}

enum rejunit_status
rj_gather_runs(struct rj_history *h, const char *path, size_t *added)
{
	struct gathering g = { .history = h, .added = added };
	struct rj_arena names = { 0 };
	struct rj_fileset set = { 0 };
	enum rejunit_status status = REJUNIT_OK;
	struct stat st;

	if (!rj_is_server(path) && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		status = find_runs(&set, &names, path, h->db.err);
	for (size_t i = 0; i < (set.folder ? set.n : 1) && !status; i++) {
		g.path = set.folder ? set.files[i].input.name : path;
		status = is_history(g.path)
			     ? keep_history(&g)
			     : rj_read_lines(g.path, keep_line, &g, h->db.err);
	}
	rj_arena_free(&g.arena);
	rj_arena_free(&names);
	rj_fileset_free(&set);
	return status;
}

/* --- reports -------------------------------------------------------------- */

/* A report on its way into a run. */
struct found {
	const char *path;
	struct rj_str run;
	bool in_folder; /* nobody named it */
	struct rj_record record;
};

struct reports {
	struct rj_history *history;
	struct rejunit_reader *reader;
	const char *run_per;
	struct rj_arena names;
	struct found *found;
	size_t n;
	size_t room;
	size_t *added;
};

/* The first part of a path that ends before a slash, or with it all, and that
 * the pattern matches. */
static struct rj_str
match_part(const char *path, const char *pattern)
{
	char part[4096];

	for (size_t i = 1; i < sizeof(part) && path[i - 1]; i++) {
		if (path[i] && path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (fnmatch(pattern, part, FNM_PATHNAME) == 0)
			return (struct rj_str){ path, i };
	}
	return (struct rj_str){ NULL, 0 };
}

static struct rj_str
run_of(const struct reports *r, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct rj_str run = { NULL, 0 };

	if (r->run_per)
		run = match_part(path, r->run_per);
	if (!run.n)
		run = slash ? (struct rj_str){ path, (size_t)(slash - path) }
			    : RJ_STR(".");
	return run.n ? run : RJ_STR("/");
}

static enum rejunit_status
find_reports(struct reports *r, const char *path)
{
	const struct rejunit_input in = rejunit_path(path);
	struct rj_fileset set;
	enum rejunit_status status =
	    rj_fileset_find(&set, &r->names, &in, r->history->db.err);

	for (size_t i = 0; i < set.n && !status; i++) {
		void *found =
		    rj_grown(r->found, r->n, &r->room, sizeof(*r->found));

		if (!found) {
			status = rj_fail_memory(r->history->db.err);
			break;
		}
		r->found = found;
		r->found[r->n++] = (struct found){
			.path = set.files[i].input.name,
			.run = run_of(r, set.files[i].input.name),
			.in_folder = set.folder != NULL,
		};
	}
	rj_fileset_free(&set);
	return status;
}

static int
by_run(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int order = rj_str_order(x->run, y->run);

	return order ? order : strcmp(x->path, y->path);
}

/* And by host: another one's are no attempts. */
static int
by_time(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int order = rj_str_order(x->record.host, y->record.host);

	if (order)
		return order;
	if (x->record.at != y->record.at)
		return x->record.at < y->record.at ? -1 : 1;
	return strcmp(x->path, y->path);
}

/* When a report does not say when it was, its file does. */
static int64_t
time_of_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int64_t)st.st_mtime : 1;
}

/* In a folder there may be other XML. */
static bool
is_foreign(const struct rejunit_error *err)
{
	return rj_str_starts(
	    rj_str(err->message), RJ_STR("not a JUnit report"));
}

/* Reads reports; those that are none are passed over, and *n gets less. */
static enum rejunit_status
read_found(struct reports *r, struct found *f, size_t *n, struct rj_arena *a)
{
	const struct rj_fact_list facts = { NULL, 0 };
	struct rejunit_error *err = r->history->db.err;
	enum rejunit_status status = REJUNIT_OK;
	size_t *passes = r->n == 1 && r->history->failures_alone
			     ? &r->history->passes
			     : NULL;
	size_t kept = 0;

	for (size_t i = 0; i < *n && !status; i++) {
		const struct rejunit_input in = rejunit_path(f[i].path);

		status = rj_record_report(&f[i].record, a, r->reader, &in,
		    &facts, passes, &r->history->unnamed, err);
		if (status && f[i].in_folder && is_foreign(err)) {
			rj_record_free(&f[i].record);
			status = REJUNIT_OK;
			continue;
		}
		if (f[i].record.at == 0)
			f[i].record.at = time_of_file(f[i].path);
		f[kept++] = f[i];
	}
	*n = kept;
	return status;
}

/* The name of a run of which there are several, on hosts of their own. */
static bool
name_with_host(struct rj_arena *a, struct rj_record *r)
{
	struct rj_buf name = { 0 };
	bool ok = rj_buf_add(&name, r->run) && rj_buf_add(&name, RJ_STR("/")) &&
		  rj_buf_add(&name, r->host) &&
		  rj_alloc_str(a, rj_buf_str(&name), &r->run);

	rj_buf_free(&name);
	return ok;
}

/* The reports of one run on one host, in their order, as one record. */
static enum rejunit_status
keep_run(struct reports *r, struct found *f, size_t n, bool one_of_several,
    struct rj_arena *a)
{
	struct rj_record all = { .kind = RJ_STR("ci"),
		.run = f->run,
		.at = f->record.at,
		.zoneless = f->record.zoneless,
		.host = f->record.host };
	struct rj_joining joining = { .record = &all, .arena = a };
	bool ok = !one_of_several || name_with_host(a, &all);
	enum rejunit_status status;

	for (size_t i = 0; i < n && ok; i++)
		ok = rj_record_join(&joining, &f[i].record, 0);
	status = ok ? rj_history_keep(r->history, &all, r->added)
		    : rj_fail_memory(r->history->db.err);
	rj_joining_free(&joining);
	rj_record_free(&all);
	return status;
}

/* The reports of a folder: a run, and on each further host another one. */
static enum rejunit_status
keep_runs(struct reports *r, struct found *f, size_t n)
{
	struct rj_arena arena = { 0 };
	size_t left = n, hosts = 1;
	enum rejunit_status status = read_found(r, f, &left, &arena);

	if (!status && left)
		qsort(f, left, sizeof(*f), by_time);
	for (size_t i = 1; i < left; i++)
		hosts += !rj_str_eq(f[i].record.host, f[i - 1].record.host);
	for (size_t i = 0, next; i < left && !status; i = next) {
		for (next = i + 1; next < left && rj_str_eq(f[next].record.host,
						      f[i].record.host);
		     next++)
			continue;
		status = keep_run(r, f + i, next - i, hosts > 1, &arena);
	}
	for (size_t i = 0; i < left; i++)
		rj_record_free(&f[i].record);
	rj_arena_free(&arena);
	return status;
}

enum rejunit_status
rj_gather_reports(struct rj_history *h, struct rejunit_reader *reader,
    const char *const *paths, size_t n, const char *run_per, size_t *added)
{
	struct reports r = { .history = h,
		.reader = reader,
		.run_per = run_per,
		.added = added };
	enum rejunit_status status = REJUNIT_OK;

	for (size_t i = 0; i < n && !status; i++)
		status = find_reports(&r, paths[i]);
	if (!status && r.n)
		qsort(r.found, r.n, sizeof(*r.found), by_run);
	for (size_t i = 0, next; i < r.n && !status; i = next) {
		for (next = i + 1;
		     next < r.n && rj_str_eq(r.found[next].run, r.found[i].run);
		     next++)
			continue;
		status = keep_runs(&r, r.found + i, next - i);
	}
	free(r.found);
	rj_arena_free(&r.names);
	return status;
}
