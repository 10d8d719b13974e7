#include "diff/index.h"

#include <stdlib.h>

#include "base/map.h"
#include "model/dialect.h"
#include "model/identity.h"
#include "model/path.h"

#define CHUNK	   ((size_t)1 << 12)
#define MANY	   ((1u << 26) - 1)
#define PLACES_MAX ((size_t)1 << 31)
#define AHEAD	   16 /* so far ahead, memory is asked for */

/* Of one side; of many cases, it is only known that they are many. */
struct seen {
	uint32_t cases : 26;
	uint32_t outcomes : 6; /* as bits */
	float seconds; /* of the slowest */
};

/* A pass that no word says: it is another one, for others may say it. */
#define SILENT REJUNIT_ABSENT

/* No member needs more than four bytes' alignment, so that none is lost. */
struct rj_index_entry {
	uint32_t hash[2];
	struct seen side[2];
	/* where the old ones stand, summed up, less where the new ones do:
	   0 where these are the same places */
	uint32_t places;
};

static struct rj_index_entry *
entry_at(const struct rj_index *x, size_t i)
{
	return &x->chunk[i / CHUNK][i % CHUNK];
}

static bool
is_of(const struct rj_index_entry *e, uint64_t hash)
{
	return e->hash[0] == (uint32_t)hash &&
	       e->hash[1] == (uint32_t)(hash >> 32);
}

static uint64_t
hash_of(const struct rj_index_entry *e)
{
	return (uint64_t)e->hash[1] << 32 | e->hash[0];
}

/*
 * A place holds the number of an entry, from 1, in as many bits as that takes,
 * and above them some of its hash: so others are hardly ever looked at.
 */
static uint32_t
mark_of(const struct rj_index *x, uint64_t hash)
{
	return (uint32_t)(hash >> 32) & ~(uint32_t)(x->places - 1);
}

static size_t
number_in(const struct rj_index *x, uint32_t place)
{
	return (place & (uint32_t)(x->places - 1)) - 1;
}

/* The place of a hash, or a free one for it. */
static uint32_t *
find_place(const struct rj_index *x, uint64_t hash)
{
	size_t at = hash & (x->places - 1);
	uint32_t mark = mark_of(x, hash);

	for (; x->place[at]; at = (at + 1) & (x->places - 1))
		if ((x->place[at] & ~(uint32_t)(x->places - 1)) == mark &&
		    is_of(entry_at(x, number_in(x, x->place[at])), hash))
			break;
	return &x->place[at];
}

/* An entry of the old run was found to be of a test that has one. */
static void
join(struct rj_index_entry *into, struct rj_index_entry *from)
{
	struct seen *to = &into->side[RJ_OLD], *s = &from->side[RJ_OLD];

	to->cases = s->cases < MANY - to->cases
			? (uint32_t)(to->cases + s->cases)
			: MANY;
	to->outcomes |= s->outcomes;
	if (s->seconds > to->seconds)
		to->seconds = s->seconds;
	into->places += from->places;
	*from = (struct rj_index_entry){ .hash = { 0 } };
}

/* Three quarters of the places are in use at most. */
static bool
make_places(struct rj_index *x)
{
	size_t places = 256;

	while (places / 4 * 3 < x->n + 2)
		places *= 2;
	/* the smaller one goes first: both are never there at once */
	free(x->place);
	x->place =
	    places <= PLACES_MAX ? calloc(places, sizeof(*x->place)) : NULL;
	x->places = places;
	if (!x->place)
		return false;
	for (size_t i = 0; i < x->n; i++) {
		struct rj_index_entry *e = entry_at(x, i);
		uint32_t *at;

		if (i + AHEAD < x->n)
			__builtin_prefetch(
			    &x->place[hash_of(entry_at(x, i + AHEAD)) &
				      (places - 1)]);
		/* one that was joined with another one is none any more */
		if (!e->side[RJ_OLD].cases && !e->side[RJ_NEW].cases)
			continue;
		at = find_place(x, hash_of(e));
		if (*at)
			join(entry_at(x, number_in(x, *at)), e);
		else
			*at = mark_of(x, hash_of(e)) | (uint32_t)(i + 1);
	}
	return true;
}

static bool
add_chunk(struct rj_index *x)
{
	void *p = realloc(x->chunk, (x->chunks + 1) * sizeof(*x->chunk));

	if (!p)
		return false;
	x->chunk = p;
	x->chunk[x->chunks] = malloc(CHUNK * sizeof(**x->chunk));
	return x->chunk[x->chunks] && ++x->chunks;
}

/* NULL: out of memory. */
static struct rj_index_entry *
append(struct rj_index *x, uint64_t hash)
{
	struct rj_index_entry *e;

	if (x->n >= PLACES_MAX || (x->n % CHUNK == 0 && !add_chunk(x)))
		return NULL;
	e = entry_at(x, x->n++);
	*e = (struct rj_index_entry){ .hash = { (uint32_t)hash,
					  (uint32_t)(hash >> 32) } };
	return e;
}

/* The entry of a hash; NULL: there is none. The table is made. */
static struct rj_index_entry *
find(const struct rj_index *x, uint64_t hash, size_t *next)
{
	size_t i = *next;
	uint32_t place;

	if (i >= x->n || !is_of(entry_at(x, i), hash)) {
		place = *find_place(x, hash);
		if (!place)
			return NULL;
		i = number_in(x, place);
	}
	*next = i + 1;
	return entry_at(x, i);
}

/*
 * The entry of a hash, which is made if it is new; NULL: out of memory. Those
 * of the old run are joined when the table is made.
 */
static struct rj_index_entry *
enter(struct rj_index *x, enum rj_side side, uint64_t hash)
{
	struct rj_index_entry *e;

	if (side == RJ_OLD)
		return append(x, hash);
	if ((!x->place || x->n + 1 > x->places / 4 * 3) && !make_places(x))
		return NULL;
	e = find(x, hash, &x->reader.next);
	if (e)
		return e;
	e = append(x, hash);
	if (e)
		*find_place(x, hash) = mark_of(x, hash) | (uint32_t)x->n;
	return e;
}

/* Of text in its normal form: which spelling it is, is asked later. */
static bool
hash_text(const uint64_t seed[2], struct rj_str s, struct rj_buf *scratch,
    uint64_t *hash)
{
	if (!rj_is_ascii(s)) {
		scratch->n = 0;
		if (!rj_nfc(scratch, s))
			return false;
		s = rj_buf_str(scratch);
	}
	*hash = rj_hash(seed, s);
	return true;
}

/* Most cases have the classname of the one before. */
static bool
hash_names(struct rj_index *x, struct rj_str classname, struct rj_str name,
    uint64_t *hash)
{
	struct rj_index_reader *r = &x->reader;
	uint64_t of_class;

	if (!r->classname.s ||
	    !rj_str_eq(rj_buf_str(&r->classname), classname)) {
		if (!hash_text(x->class_seed, classname, &r->key, &of_class) ||
		    !rj_buf_reserve(&r->classname, classname.n + 1))
			return false;
		r->hash = of_class;
		r->classname.n = 0;
		(void)rj_buf_add(&r->classname, classname);
	}
	if (!hash_text(x->seed, name, &r->key, hash))
		return false;
	*hash ^= r->hash;
	return true;
}

/* A suite's key is none of a test: no name has a NUL. */
static bool
hash_suite(struct rj_index *x, struct rj_str path, uint64_t *hash)
{
	struct rj_buf *key = &x->reader.key;

	key->n = 0;
	if (!rj_buf_add(key, RJ_STR("\0")) || !rj_buf_add(key, path))
		return false;
	*hash = rj_hash(x->seed, rj_buf_str(key));
	return true;
}

/* What may tell a case from others of its name, if it says any of that. */
static bool
add_place(struct rj_index *x, const struct rj_case *c, const char *report,
    uint32_t *places, uint32_t sign)
{
	struct rj_buf *key = &x->reader.key;

	key->n = 0;
	if ((c->file.n && !rj_path_normalise(key, c->file)) ||
	    !rj_buf_add(key, RJ_STR("\0")) || !rj_buf_add(key, rj_str(report)))
		return false;
	if (!c->classname.n && !rj_buf_add(key, c->suite->path))
		return false;
	if (rj_dialect_of(c->suite)->hosts_are_projects &&
	    !rj_buf_add(key, c->suite->hostname))
		return false;
	if (key->n > 1)
		*places += sign * (uint32_t)rj_hash(x->seed, rj_buf_str(key));
	return true;
}

static void
add_case(struct seen *s, const struct rj_case *c, int64_t nanoseconds)
{
	float seconds = (float)((double)nanoseconds / 1e9);
	enum rejunit_verdict v =
	    c->marks & RJ_CANNOT_RUN			      ? REJUNIT_ERROR
	    : c->outcome == REJUNIT_PASSED && !c->says_passed ? SILENT
							      : c->outcome;

	s->cases += s->cases < MANY;
	s->outcomes |= 1u << v;
	if (seconds > s->seconds)
		s->seconds = seconds;
}

static bool
note_suite(struct rj_index *x, enum rj_side side, struct rj_str path)
{
	struct rj_index_entry *e;
	uint64_t hash;

	if (!hash_suite(x, path, &hash))
		return false;
	e = enter(x, side, hash);
	if (e)
		e->side[side].cases = 1;
	return e != NULL;
}

bool
rj_index_note(struct rj_index *x, enum rj_side side, const struct rj_case *c,
    const char *report, int64_t nanoseconds)
{
	struct rj_index_entry *e;
	uint64_t hash;

	if (x->n == 0) {
		rj_hash_seed(x->seed);
		rj_hash_seed(x->class_seed);
	}
	if (!c->classname.n && c->suite->start.at + 1 != x->suite) {
		if (!note_suite(x, side, c->suite->path))
			return false;
		x->suite = c->suite->start.at + 1;
	}
	if (!hash_names(x, c->classname, c->name, &hash))
		return false;
	e = enter(x, side, hash);
	if (!e)
		return false;
	add_case(&e->side[side], c, nanoseconds);
	return add_place(
	    x, c, report, &e->places, side == RJ_OLD ? 1 : UINT32_MAX);
}

bool
rj_is_slower(const struct rj_slower *s, double before, double after)
{
	return !s->none && after > before && after >= before * s->times &&
	       after - before >= s->seconds;
}

/* What is kept of times is not exact: in doubt, it is. */
static bool
may_be_slower(const struct rj_index *x, const struct rj_index_entry *e)
{
	const double doubt = 1e-6;
	double before = e->side[RJ_OLD].seconds;
	double after = e->side[RJ_NEW].seconds * (1 + doubt);

	/* of several, any one */
	if (e->side[RJ_NEW].cases > 1)
		before = 0;
	return rj_is_slower(&x->slower, before * (1 - doubt),
	    after + x->slower.seconds * doubt);
}

static bool
may_differ(const struct rj_index *x, const struct rj_index_entry *e)
{
	const uint32_t passed = 1u << REJUNIT_PASSED, silent = 1u << SILENT;
	const uint32_t skipped = 1u << REJUNIT_SKIPPED;
	const uint32_t unknown = 1u << REJUNIT_UNKNOWN;
	const struct seen *o = &e->side[RJ_OLD], *n = &e->side[RJ_NEW];

	if (o->cases != n->cases || o->cases == MANY || e->places)
		return true;
	if (o->outcomes != n->outcomes)
		return !(o->outcomes == skipped && n->outcomes == passed);
	if (o->outcomes == passed || o->outcomes == silent)
		return may_be_slower(x, e);
	/* of several outcomes, others may be of one than before */
	return o->outcomes != skipped && o->outcomes != unknown;
}

/* The entry of a case's test; *e NULL: there is none. */
static bool
look_up(struct rj_index *x, const struct rj_case *c,
    const struct rj_index_entry **e)
{
	uint64_t hash;

	*e = NULL;
	if (!hash_names(x, c->classname, c->name, &hash))
		return false;
	if (x->place)
		*e = find(x, hash, &x->reader.next);
	return true;
}

bool
rj_index_may_differ(struct rj_index *x, const struct rj_case *c, bool *may)
{
	const struct rj_index_entry *e;

	if (!look_up(x, c, &e))
		return false;
	*may = !e || may_differ(x, e);
	return true;
}

static bool
has_namesakes(const struct rj_index_entry *e)
{
	return e->side[RJ_OLD].cases > 1 || e->side[RJ_NEW].cases > 1;
}

bool
rj_index_stands_out(struct rj_index *x, const struct rj_case *c, bool *may)
{
	const struct rj_index_entry *e;

	x->reader.next -= x->reader.next > 0; /* it is there */
	if (!look_up(x, c, &e))
		return false;
	*may = e && !has_namesakes(e) && may_differ(x, e);
	return true;
}

bool
rj_index_has_namesakes(const struct rj_index *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (has_namesakes(entry_at(x, i)) &&
		    may_differ(x, entry_at(x, i)))
			return true;
	return false;
}

/*
 * Whoever asks has his own guess at what comes next; it need not be right. The
 * names that are asked for are plain ASCII, mostly, and need no memory.
 */
bool
rj_index_excludes(
    const struct rj_index *x, struct rj_str classname, struct rj_str name)
{
	static _Thread_local size_t next;
	const struct rj_index_entry *e;

	if (!x->place || !rj_is_ascii(classname) || !rj_is_ascii(name))
		return false;
	e = find(x, rj_hash(x->seed, name) ^ rj_hash(x->class_seed, classname),
	    &next);
	return e && !may_differ(x, e);
}

bool
rj_index_has_suite(
    struct rj_index *x, enum rj_side side, struct rj_str path, bool *has)
{
	const struct rj_index_entry *e = NULL;
	size_t next = SIZE_MAX;
	uint64_t hash;

	if (!hash_suite(x, path, &hash))
		return false;
	if (x->place)
		e = find(x, hash, &next);
	*has = e && e->side[side].cases;
	return true;
}

void
rj_index_begin(struct rj_index *x)
{
	x->suite = 0;
}

void
rj_index_free(struct rj_index *x)
{
	for (size_t i = 0; i < x->chunks; i++)
		free(x->chunk[i]);
	free(x->chunk);
	free(x->place);
	rj_buf_free(&x->reader.classname);
	rj_buf_free(&x->reader.key);
	*x = (struct rj_index){ 0 };
}
