#include "twins.h"

/* More files than this are not compared one by one. */
#define FILES_MAX 64

static struct rj_str
value_of(
    const struct rj_twins *t, const struct rj_case *c, enum rj_discriminator by)
{
	return rj_discriminate(c, t->reports[c->suite->report].name, by);
}

/*
 * Maps each slot's value to the slot; *own is false if one is missing or
 * double. Passing ones may share a value, if that is allowed: whatever is said
 * of them changes none.
 */
static bool
map_values(const struct rj_twins *t, enum rj_discriminator by, bool share,
    struct rj_map *map, bool *own)
{
	*own = true;
	for (size_t i = 0; i < t->n_slots && *own; i++) {
		struct rj_slot *s = t->slots[i];
		struct rj_str v = value_of(t, s->base, by);
		const struct rj_slot *other = v.s ? rj_map_get(map, v) : NULL;

		if (other && share && s->outcome == REJUNIT_PASSED &&
		    other->outcome == REJUNIT_PASSED)
			continue;
		*own = v.s && !other;
		if (*own && !rj_map_put(map, v, s))
			return false;
	}
	return true;
}

bool
rj_twins_differ(const struct rj_twins *t, bool *apart)
{
	bool ok = true;

	*apart = false;
	for (int by = 0; by < RJ_BYS && ok && !*apart; by++) {
		struct rj_map map = { 0 };

		ok = map_values(
		    t, (enum rj_discriminator)by, false, &map, apart);
		rj_map_free(&map);
	}
	return ok;
}

/*
 * Gives each case its slot by one discriminator. It is done if that tells the
 * slots apart and names at least one of them; files tell also where they name
 * none.
 */
static bool
split_by(struct rj_twins *t, enum rj_discriminator by, bool *done)
{
	bool named = false, apart = by == RJ_BY_FILE, strange = false;
	struct rj_map slots = { 0 };
	bool ok = map_values(t, by, true, &slots, done);

	for (size_t i = 0; i < t->n_cases && ok && *done; i++) {
		const struct rj_case *c = t->cases[i];
		struct rj_str v = value_of(t, c, by);

		*done = v.s != NULL;
		t->partner[i] = *done ? rj_map_get(&slots, v) : NULL;
		named = named || t->partner[i];
		strange = strange || !t->partner[i] ||
			  rj_files_differ(t->partner[i]->base, c);
		apart = apart && rj_files_differ(t->slots[0]->base, c);
	}
	for (size_t i = 0; i < t->n_slots && apart; i++)
		apart = rj_files_differ(t->slots[i]->base, t->cases[0]);
	/* what did not tell them apart while they failed adds none now */
	if (strange && slots.used < t->n_slots)
		*done = false;
	*done = *done && (named || apart);
	rj_map_free(&slots);
	return ok;
}

bool
rj_twins_split(struct rj_twins *t, bool *done)
{
	bool ok = true;

	*done = false;
	for (int by = 0; by < RJ_BYS && ok && !*done; by++)
		ok = split_by(t, (enum rj_discriminator)by, done);
	return ok;
}

bool
rj_twins_name_files(const struct rj_twins *t)
{
	for (size_t i = 0; i < t->n_slots; i++)
		if (!t->slots[i]->base->file.n)
			return false;
	for (size_t i = 0; i < t->n_cases; i++)
		if (!t->cases[i]->file.n)
			return false;
	return true;
}

bool
rj_twins_is_of_other_files(const struct rj_twins *t, const struct rj_case *c)
{
	for (size_t i = 0; i < t->n_slots; i++)
		if (i == FILES_MAX || !rj_files_differ(t->slots[i]->base, c))
			return false;
	return true;
}

/*
 * Marks the cases of another suite, say, than any slot, if there are also some
 * of the slots' suites.
 */
static bool
mark_strangers(
    const struct rj_twins *t, enum rj_discriminator by, bool *strange)
{
	struct rj_map values = { 0 };
	bool ok = true, complete = true, known = false;

	for (size_t i = 0; i < t->n_slots && ok && complete; i++) {
		struct rj_str v = value_of(t, t->slots[i]->base, by);

		complete = v.s != NULL;
		ok = !complete || rj_map_put(&values, v, t->slots[i]);
	}
	for (size_t i = 0; i < t->n_cases && ok && complete && !known; i++) {
		struct rj_str v = value_of(t, t->cases[i], by);

		known = v.s && rj_map_get(&values, v);
	}
	for (size_t i = 0; i < t->n_cases && ok && known; i++) {
		struct rj_str v = value_of(t, t->cases[i], by);

		strange[i] = strange[i] || (v.s && !rj_map_get(&values, v));
	}
	rj_map_free(&values);
	return ok;
}

bool
rj_twins_leave_out(struct rj_twins *t, struct rj_arena *scratch, bool *failed)
{
	bool *strange = rj_alloc_n(scratch, t->n_cases, sizeof(*strange));
	size_t kept = 0;

	*failed = false;
	if (!strange)
		return false;
	for (size_t i = 0; i < t->n_cases; i++)
		strange[i] = rj_twins_is_of_other_files(t, t->cases[i]);
	for (int by = RJ_BY_SUITE; by < RJ_BY_LINE; by++)
		if (!mark_strangers(t, (enum rj_discriminator)by, strange))
			return false;
	for (size_t i = 0; i < t->n_cases; i++)
		if (!strange[i])
			t->cases[kept++] = t->cases[i];
		else
			*failed = *failed || rj_is_bad(t->cases[i]->outcome);
	/* of nothing but strangers, the verdict says that they contradict */
	t->n_cases = kept ? kept : t->n_cases;
	return true;
}
