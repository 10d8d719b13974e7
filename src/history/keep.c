/* What a record adds to a history. */
#include <stdio.h>
#include <stdlib.h>

#include "history/clock.h"
#include "history/facts.h"
#include "history/history.h"

/* From so many new ones on, all of a table are asked for at once. */
#define MANY 64

#define PARTS_MAX 4 /* of what makes a number */

#define TELL_EVERY 4096 /* executions */

/* Keys are texts that are told apart by a NUL each; tables find them by it. */
int64_t
rj_history_hash(const struct rj_str *parts, int n)
{
	static const uint64_t seed[2] = { 0x72656a756e697431,
		0x686973746f727931 };
	uint64_t hash = 0;

	for (int i = 0; i < n; i++)
		hash = hash * 0x9e3779b97f4a7c15 + rj_hash(seed, parts[i]);
	return (int64_t)hash;
}

/* --- numbers -------------------------------------------------------------- */

/* A table of what executions refer to. */
struct numbered {
	const char *find;
	const char *last;
	const char *all; /* NULL: there are too many */
	struct rj_db_table put;
};

/* clang-format off */
static const struct numbered test_table = {
	"SELECT id FROM test WHERE hash = $1 AND classname = $2 AND name = $3 "
	"AND told = $4",
	"SELECT coalesce(max(id), 0) FROM test",
	"SELECT id, classname, name, told FROM test",
	{ "INSERT INTO test (hash, classname, name, told, id) "
	  "VALUES ($1, $2, $3, $4, $5)",
	  "COPY test (hash, classname, name, told, id) FROM STDIN", 5 },
};

static const struct numbered words_table = {
	"SELECT id FROM words WHERE hash = $1 AND type = $2 AND message = $3 "
	"AND trace = $4 AND signature = $5",
	"SELECT coalesce(max(id), 0) FROM words",
	NULL,
	{ "INSERT INTO words (hash, type, message, trace, signature, id) "
	  "VALUES ($1, $2, $3, $4, $5, $6)",
	  "COPY words (hash, type, message, trace, signature, id) FROM STDIN",
	  6 },
};

static const struct numbered place_table = {
	"SELECT id FROM place WHERE hash = $1 AND file = $2 "
	"AND suite_path = $3 AND facts = $4 AND id_of_runner = $5",
	"SELECT coalesce(max(id), 0) FROM place",
	"SELECT id, file, suite_path, facts, id_of_runner FROM place",
	{ "INSERT INTO place (hash, file, suite_path, facts, id_of_runner, id) "
	  "VALUES ($1, $2, $3, $4, $5, $6)",
	  "COPY place (hash, file, suite_path, facts, id_of_runner, id) "
	  "FROM STDIN", 6 },
};

static const struct rj_db_table run_table = {
	"INSERT INTO run (id, hash, run, kind, at, zoneless, commit_id, "
	"branch, job, host, url, facts) "
	"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
	"COPY run (id, hash, run, kind, at, zoneless, commit_id, branch, job, "
	"host, url, facts) FROM STDIN", 12,
};

static const struct rj_db_table execution_table = {
	"INSERT INTO execution (run, test, part, outcome, time, position, "
	"words, place) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
	"COPY execution (run, test, part, outcome, time, position, words, "
	"place, month) FROM STDIN", 9,
};
/* clang-format on */

struct keeping {
	struct rj_history *history;
	const struct rj_record *record;
	size_t *added;
	struct rj_buf key;
	int64_t run; /* its number */
	int64_t at;
	struct rj_map there; /* its executions, by what tells them apart */
	struct rj_arena arena;
	struct row *rows;
	size_t n;
};

/* An execution, with numbers in place of texts. */
struct row {
	const struct rj_record_test *of;
	const struct rj_record_execution *said;
	int64_t test;
	int64_t part;
	int64_t words;
	int64_t place;
};

static enum rejunit_status
no_memory(const struct keeping *k)
{
	return rj_fail_memory(k->history->db.err);
}

static bool
join_key(struct keeping *k, const struct rj_str *parts, int n)
{
	bool ok = true;

	k->key.n = 0;
	for (int i = 0; i < n && ok; i++)
		ok = rj_buf_add(&k->key, parts[i]) &&
		     rj_buf_add(&k->key, RJ_STR("\0"));
	return ok;
}

struct learning {
	struct keeping *keeping;
	struct rj_numbers *numbers;
	int parts;
};

static bool
remember(struct keeping *k, struct rj_numbers *to, int64_t number)
{
	return rj_map_put_copy(&to->known, &k->history->arena,
	    rj_buf_str(&k->key), (void *)(intptr_t)number);
}

static enum rejunit_status
learn(void *ctx, const struct rj_db_row *row)
{
	struct learning *l = ctx;
	struct rj_str parts[PARTS_MAX];

	for (int i = 0; i < l->parts; i++)
		parts[i] = row->text(row, i + 1);
	return join_key(l->keeping, parts, l->parts) &&
		       remember(l->keeping, l->numbers, row->number(row, 0))
		   ? REJUNIT_OK
		   : no_memory(l->keeping);
}

/*
 * The number of what the parts are; what is new gets one. `many`: so many of
 * its kind are going to be asked for that all are learned at once.
 */
static enum rejunit_status
number(struct keeping *k, const struct numbered *table, struct rj_numbers *of,
    const struct rj_str *parts, int n, bool many, int64_t *out)
{
	struct rj_db_value values[PARTS_MAX + 2];
	struct learning l = { k, of, n };
	enum rejunit_status status = REJUNIT_OK;

	if (many && !of->all && table->all) {
		of->all = true;
		status =
		    rj_history_run(k->history, table->all, NULL, 0, learn, &l);
	}
	if (!status && !join_key(k, parts, n))
		status = no_memory(k);
	if (status)
		return status;
	*out = (int64_t)(intptr_t)rj_map_get(&of->known, rj_buf_str(&k->key));
	if (*out)
		return REJUNIT_OK;
	values[0] = rj_db_int(rj_history_hash(parts, n));
	for (int i = 0; i < n; i++)
		values[i + 1] = rj_db_text(parts[i]);
	if (!of->all)
		status = rj_history_run(k->history, table->find, values, n + 1,
		    rj_take_number, out);
	if (!status && !*out && of->last < 0)
		status = rj_history_run(k->history, table->last, NULL, 0,
		    rj_take_number, &of->last);
	if (!status && !*out) {
		*out = ++of->last;
		values[n + 1] = rj_db_int(*out);
		status = k->history->db.driver->put(
		    &k->history->db, &table->put, values);
	}
	if (!status && !remember(k, of, *out))
		status = no_memory(k);
	return status;
}

/* Equal words have one number, whatever their length. */
static enum rejunit_status
number_words(
    struct keeping *k, const struct rj_record_execution *x, int64_t *out)
{
	const struct rj_str parts[] = { x->type, x->message, x->trace,
		x->signature };

	*out = -1;
	if (!x->type.n && !x->message.n && !x->trace.n && !x->signature.n)
		return REJUNIT_OK;
	*out = 0;
	return number(
	    k, &words_table, &k->history->words, parts, 4, false, out);
}

static enum rejunit_status
number_place(struct keeping *k, const struct rj_record_test *t,
    const struct rj_record_execution *x, int64_t *out)
{
	const struct rj_str parts[] = { t->file,
		t->suite_path.n ? t->suite_path : RJ_STR("[]"),
		x->facts.n ? x->facts : RJ_STR("{}"), t->id };

	*out = -1;
	if (!t->file.n && !t->suite_path.n && !x->facts.n && !t->id.n)
		return REJUNIT_OK;
	*out = 0;
	return number(k, &place_table, &k->history->places, parts, 4,
	    k->record->n >= MANY, out);
}

/* --- the run -------------------------------------------------------------- */

/* What is kept of the run, merged with what the record says. */
struct known_run {
	struct keeping *keeping;
	int64_t number; /* 0: it is new */
	int64_t at;
	int64_t zoneless;
	struct rj_str text[7];
	bool changed;
	const char *contradiction; /* what of it */
	struct rj_str kept, said;
};

enum run_text {
	KIND,
	COMMIT,
	BRANCH,
	JOB,
	HOST,
	URL,
	FACTS,
};

/*
 * What nothing said is taken over. What tells runs apart must not differ; of
 * the rest, of which parts and attempts may have their own, the first by its
 * bytes is kept, so that their order makes no difference.
 */
static bool
merge_text(struct known_run *r, int which, struct rj_str kept)
{
	static const char *const names[] = { "kind", "commit", "branch",
		"job" };
	struct rj_str said = r->text[which];
	bool is_empty = which == FACTS ? kept.n <= 2 : kept.n == 0;

	if (which == FACTS ? said.n <= 2 : said.n == 0) {
		said = kept;
	} else if (!is_empty && which == FACTS) {
		if (!rj_facts_merge(&r->keeping->arena, kept, said, &said))
			return false;
	} else if (!is_empty && !rj_str_eq(kept, said)) {
		if (which <= JOB && !r->contradiction) {
			r->contradiction = names[which];
			r->said = said;
			return rj_alloc_str(&r->keeping->arena, kept, &r->kept);
		}
		if (rj_str_order(kept, said) < 0)
			said = kept;
	}
	r->changed = r->changed || !rj_str_eq(said, kept);
	return rj_alloc_str(&r->keeping->arena, said, &r->text[which]);
}

static enum rejunit_status
take_run(void *ctx, const struct rj_db_row *row)
{
	struct known_run *r = ctx;

	r->number = row->number(row, 0);
	if (row->number(row, 1) < r->at) {
		r->at = row->number(row, 1);
		r->zoneless = row->number(row, 2);
	} else {
		r->changed = r->at < row->number(row, 1);
	}
	for (int i = KIND; i <= FACTS; i++)
		if (!merge_text(r, i, row->text(row, i + 3)))
			return no_memory(r->keeping);
	return REJUNIT_OK;
}

static enum rejunit_status
put_run(struct keeping *k, const struct known_run *r)
{
	struct rj_numbers *runs = &k->history->runs;
	struct rj_db_value values[12] = { rj_db_int(0),
		rj_db_int(rj_history_hash(&k->record->run, 1)),
		rj_db_text(k->record->run), rj_db_text(r->text[KIND]),
		rj_db_int(r->at), rj_db_int(r->zoneless) };
	enum rejunit_status status = REJUNIT_OK;

	if (runs->last < 0)
		status = rj_history_run(k->history,
		    "SELECT coalesce(max(id), 0) FROM run", NULL, 0,
		    rj_take_number, &runs->last);
	if (status)
		return status;
	k->run = ++runs->last;
	values[0] = rj_db_int(k->run);
	for (int i = COMMIT; i <= FACTS; i++)
		values[i + 5] = rj_db_text(r->text[i]);
	return k->history->db.driver->put(&k->history->db, &run_table, values);
}

static enum rejunit_status
change_run(struct keeping *k, const struct known_run *r)
{
	struct rj_db_value values[10] = { rj_db_int(r->at),
		rj_db_int(r->zoneless) };

	for (int i = KIND; i <= FACTS; i++)
		values[i + 2] = rj_db_text(r->text[i]);
	values[9] = rj_db_int(r->number);
	return rj_history_run(k->history,
	    "UPDATE run SET at = $1, zoneless = $2, kind = $3, "
	    "commit_id = $4, branch = $5, job = $6, host = $7, url = $8, "
	    "facts = $9 WHERE id = $10",
	    values, 10, NULL, NULL);
}

/* What tells an execution from all others of a run. */
struct place_in_run {
	int64_t test;
	int64_t part;
};

static struct rj_str
key_of(const struct place_in_run *at)
{
	return (struct rj_str){ (const char *)at, sizeof(*at) };
}

/* What it came to. */
struct came_to {
	enum rejunit_verdict outcome;
	int64_t time; /* microseconds; less than 0: unknown, as below */
	int64_t position;
	int64_t words;
	int64_t place;
};

static int64_t
number_or_none(const struct rj_db_row *row, int column)
{
	return row->is_null(row, column) ? -1 : row->number(row, column);
}

static enum rejunit_status
take_there(void *ctx, const struct rj_db_row *row)
{
	struct keeping *k = ctx;
	const struct place_in_run at = { row->number(row, 0),
		row->number(row, 1) };
	struct came_to *to = rj_alloc(&k->arena, sizeof(*to));

	if (!to || !rj_map_put_copy(&k->there, &k->arena, key_of(&at), to))
		return no_memory(k);
	to->outcome = (enum rejunit_verdict)row->number(row, 2);
	to->time = number_or_none(row, 3);
	to->position = number_or_none(row, 4);
	to->words = number_or_none(row, 5);
	to->place = number_or_none(row, 6);
	return REJUNIT_OK;
}

/* A new run is put; of a known one, what is there is learned. */
static enum rejunit_status
keep_run(struct keeping *k)
{
	const struct rj_record *r = k->record;
	struct known_run known = { .keeping = k,
		.at = r->at,
		.zoneless = r->zoneless,
		.text = { r->kind, r->commit, r->branch, r->job, r->host,
		    r->url, r->facts.n ? r->facts : RJ_STR("{}") } };
	struct rj_db_value values[2] = { rj_db_int(rj_history_hash(&r->run, 1)),
		rj_db_text(r->run) };
	enum rejunit_status status = rj_history_run(k->history,
	    "SELECT id, at, zoneless, kind, commit_id, branch, job, host, "
	    "url, facts FROM run WHERE hash = $1 AND run = $2",
	    values, 2, take_run, &known);

	k->at = known.at;
	if (status)
		return status;
	if (known.contradiction)
		return rj_fail_at(k->history->db.err, REJUNIT_INPUT,
		    k->history->db.name, 0, 0,
		    "run %.*s: its %s is %.*s, and is said to be %.*s",
		    RJ_SHOWN(r->run), known.contradiction, RJ_SHOWN(known.kept),
		    RJ_SHOWN(known.said));
	if (!known.number)
		return put_run(k, &known);
	k->run = known.number;
	if (known.changed)
		status = change_run(k, &known);
	values[0] = rj_db_int(k->run);
	if (!status)
		status = rj_history_run(k->history,
		    "SELECT test, part, outcome, time, position, words, "
		    "place FROM execution WHERE run = $1",
		    values, 1, take_there, k);
	return status;
}

/* --- its executions ------------------------------------------------------- */

static int64_t
micro(int64_t nanoseconds)
{
	return nanoseconds < 0 ? -1 : (nanoseconds + 500) / 1000;
}

/* What entries said that came to the same. */
static int
compare_texts(const struct row *x, const struct row *y)
{
	const struct rj_str of_x[] = { x->said->signature, x->said->message,
		x->said->type, x->said->trace, x->of->file, x->said->facts,
		x->of->id };
	const struct rj_str of_y[] = { y->said->signature, y->said->message,
		y->said->type, y->said->trace, y->of->file, y->said->facts,
		y->of->id };
	int order = 0;

	for (int i = 0; i < 7 && !order; i++)
		order = rj_str_order(of_x[i], of_y[i]);
	return order;
}

/* By test and attempt; entries in an order that is the same every time. */
static int
compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	const int64_t of_x[] = { x->test, x->said->attempt,
		(int64_t)x->said->outcome, x->said->time, x->said->position };
	const int64_t of_y[] = { y->test, y->said->attempt,
		(int64_t)y->said->outcome, y->said->time, y->said->position };

	for (size_t i = 0; i < sizeof(of_x) / sizeof(*of_x); i++)
		if (of_x[i] != of_y[i])
			return of_x[i] < of_y[i] ? -1 : 1;
	return compare_texts(x, y);
}

static enum rejunit_status
make_rows(struct keeping *k)
{
	const struct rj_record *r = k->record;
	enum rejunit_status status = REJUNIT_OK;

	for (size_t i = 0; i < r->n; i++)
		k->n += r->tests[i].n;
	k->rows = rj_alloc_n(&k->arena, k->n + 1, sizeof(*k->rows));
	if (!k->rows)
		return no_memory(k);
	k->n = 0;
	for (size_t i = 0; i < r->n && !status; i++) {
		const struct rj_record_test *t = &r->tests[i];
		const struct rj_str parts[] = { t->classname, t->name,
			t->told };
		int64_t test = 0;

		status = number(k, &test_table, &k->history->tests, parts, 3,
		    r->n >= MANY, &test);
		for (size_t e = 0; e < t->n && !status; e++)
			k->rows[k->n++] = (struct row){ .of = t,
				.said = &t->executions[e],
				.test = test,
				.words = -1,
				.place = -1 };
	}
	for (size_t i = 0; i < k->n && !status; i++)
		status = number_place(
		    k, k->rows[i].of, k->rows[i].said, &k->rows[i].place);
	for (size_t i = 0; i < k->n && !status; i++)
		status = number_words(k, k->rows[i].said, &k->rows[i].words);
	return status;
}

static void
number_parts(struct keeping *k)
{
	int64_t entry = 0;

	qsort(k->rows, k->n, sizeof(*k->rows), compare_rows);
	for (size_t i = 0; i < k->n; i++) {
		struct row *r = &k->rows[i];

		entry = i && r->test == r[-1].test &&
				r->said->attempt == r[-1].said->attempt
			    ? entry + 1
			    : 0;
		r->part = ((int64_t)r->said->attempt << 32) + entry;
	}
}

/* It is there already: then it has to be the same. */
static enum rejunit_status
compare(
    const struct keeping *k, const struct row *r, const struct came_to *kept)
{
	const struct rj_record_execution *x = r->said;
	struct rejunit_error *err = k->history->db.err;

	if (kept->outcome != x->outcome)
		return rj_fail_at(err, REJUNIT_INPUT, k->history->db.name, 0, 0,
		    "run %.*s: %.*s.%.*s %s in attempt %u, and is said to have "
		    "%s",
		    RJ_SHOWN(k->record->run), RJ_SHOWN(r->of->classname),
		    RJ_SHOWN(r->of->name), rejunit_verdict_name(kept->outcome),
		    x->attempt, rejunit_verdict_name(x->outcome));
	if (kept->time >= 0 && x->time >= 0 && kept->time != micro(x->time))
		return rj_fail_at(err, REJUNIT_INPUT, k->history->db.name, 0, 0,
		    "run %.*s: %.*s.%.*s took %.6f s in attempt %u, and is "
		    "said to have taken %.6f s",
		    RJ_SHOWN(k->record->run), RJ_SHOWN(r->of->classname),
		    RJ_SHOWN(r->of->name), (double)kept->time / 1e6, x->attempt,
		    (double)x->time / 1e9);
	return REJUNIT_OK;
}

/* --- what two records say of one execution ------------------------------- */

struct texts {
	struct keeping *keeping;
	struct rj_str *text;
	int n;
};

static enum rejunit_status
take_texts(void *ctx, const struct rj_db_row *row)
{
	struct texts *t = ctx;

	for (int i = 0; i < t->n; i++)
		if (!rj_alloc_str(
			&t->keeping->arena, row->text(row, i), &t->text[i]))
			return no_memory(t->keeping);
	return REJUNIT_OK;
}

/* What is said, in the order of the bytes, comes before what is not. */
static struct rj_str
first_said(struct rj_str a, struct rj_str b)
{
	if (a.n == 0 || b.n == 0)
		return a.n ? a : b;
	return rj_str_order(a, b) < 0 ? a : b;
}

/* Both words, text by text. */
static enum rejunit_status
unite_words(struct keeping *k, const struct row *r, int64_t *words)
{
	const struct rj_db_value id = rj_db_int(*words);
	struct rj_str kept[4] = { { NULL, 0 } };
	struct texts t = { k, kept, 4 };
	struct rj_record_execution both = *r->said;
	enum rejunit_status status = rj_history_run(k->history,
	    "SELECT type, message, trace, signature FROM words WHERE id = $1",
	    &id, 1, take_texts, &t);

	both.type = first_said(kept[0], both.type);
	both.message = first_said(kept[1], both.message);
	both.trace = first_said(kept[2], both.trace);
	both.signature = first_said(kept[3], both.signature);
	return status ? status : number_words(k, &both, words);
}

static enum rejunit_status
unite_places(struct keeping *k, const struct row *r, int64_t *place)
{
	const struct rj_db_value id = rj_db_int(*place);
	struct rj_str kept[4] = { { NULL, 0 } };
	struct texts t = { k, kept, 4 };
	struct rj_record_execution x = *r->said;
	struct rj_record_test test = *r->of;
	enum rejunit_status status = rj_history_run(k->history,
	    "SELECT file, suite_path, facts, id_of_runner FROM place "
	    "WHERE id = $1",
	    &id, 1, take_texts, &t);

	if (status)
		return status;
	test.file = first_said(kept[0], test.file);
	test.id = first_said(kept[3], test.id);
	if (kept[1].n > 2)
		test.suite_path = first_said(kept[1], test.suite_path);
	if (x.facts.n == 0)
		x.facts = kept[2];
	else if (!rj_facts_merge(&k->arena, kept[2], x.facts, &x.facts))
		return no_memory(k);
	return number_place(k, &test, &x, place);
}

/* What is kept takes over what it lacks, whichever of the two came first. */
static enum rejunit_status
unite(struct keeping *k, const struct row *r, const struct came_to *kept)
{
	struct came_to both = *kept;
	enum rejunit_status status = REJUNIT_OK;
	struct rj_db_value values[7];

	if (both.time < 0)
		both.time = micro(r->said->time);
	if (both.position < 0 ||
	    (r->said->position >= 0 && r->said->position < both.position))
		both.position = r->said->position;
	if (both.words < 0)
		both.words = r->words;
	else if (r->words >= 0 && r->words != both.words)
		status = unite_words(k, r, &both.words);
	if (both.place < 0)
		both.place = r->place;
	else if (!status && r->place >= 0 && r->place != both.place)
		status = unite_places(k, r, &both.place);
	if (status ||
	    (both.time == kept->time && both.position == kept->position &&
		both.words == kept->words && both.place == kept->place))
		return status;
	values[0] = rj_db_maybe(both.time);
	values[1] = rj_db_maybe(both.position);
	values[2] = rj_db_maybe(both.words);
	values[3] = rj_db_maybe(both.place);
	values[4] = rj_db_int(k->run);
	values[5] = rj_db_int(r->test);
	values[6] = rj_db_int(r->part);
	return rj_history_run(k->history,
	    "UPDATE execution SET time = $1, position = $2, words = $3, "
	    "place = $4 WHERE run = $5 AND test = $6 AND part = $7",
	    values, 7, NULL, NULL);
}

static enum rejunit_status
put_rows(struct keeping *k)
{
	enum rejunit_status status = REJUNIT_OK;
	int month = rj_clock_month(k->at);

	if (month != k->history->month)
		status = k->history->db.driver->month(&k->history->db, month);
	k->history->month = month;
	for (size_t i = 0; i < k->n && !status; i++) {
		const struct row *r = &k->rows[i];
		const struct place_in_run at = { r->test, r->part };
		const struct came_to *kept = rj_map_get(&k->there, key_of(&at));
		const struct rj_db_value values[] = { rj_db_int(k->run),
			rj_db_int(r->test), rj_db_int(r->part),
			rj_db_int((int64_t)r->said->outcome),
			rj_db_maybe(micro(r->said->time)),
			rj_db_maybe(r->said->position), rj_db_maybe(r->words),
			rj_db_maybe(r->place), rj_db_int(month) };

		if (kept) {
			status = compare(k, r, kept);
			if (!status)
				status = unite(k, r, kept);
			continue;
		}
		if (++*k->added % TELL_EVERY == 0 && k->history->tell)
			k->history->tell(k->history->tell_ctx, *k->added);
		status = k->history->db.driver->put(
		    &k->history->db, &execution_table, values);
	}
	return status;
}

static enum rejunit_status
keep_digests(struct keeping *k)
{
	enum rejunit_status status = REJUNIT_OK;

	for (size_t i = 0; i < k->record->n_digests && !status; i++) {
		const struct rj_db_value values[] = { rj_db_int(k->run),
			rj_db_text(k->record->digests[i]) };

		status = rj_history_run(k->history,
		    "INSERT INTO report (run, digest) VALUES ($1, $2) "
		    "ON CONFLICT DO NOTHING",
		    values, 2, NULL, NULL);
	}
	return status;
}

enum rejunit_status
rj_history_keep(struct rj_history *h, const struct rj_record *r, size_t *added)
{
	struct keeping k = { .history = h, .record = r, .added = added };
	enum rejunit_status status = make_rows(&k);

	if (!status)
		status = keep_run(&k);
	if (!status)
		status = keep_digests(&k);
	if (!status) {
		number_parts(&k);
		status = put_rows(&k);
	}
	rj_buf_free(&k.key);
	rj_map_free(&k.there);
	rj_arena_free(&k.arena);
	return status;
}
