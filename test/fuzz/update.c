/*
 * Fuzzes the whole update. An input is an original and a rerun, divided by a
 * line that says "=====", or bytes that grow into the two. The oracle is what
 * the product promises: an update that is accepted can be read again, has as
 * many bad cases as was said, and does not change when it is made a second
 * time; nothing turns green without an execution that passed; where nothing was
 * decided no byte differs; and counters that were right stay right. An update
 * is proved by an audit, what is merged has all cases, and what cannot be read
 * is refused by all commands alike. What the reports hold is counted by
 * libxml2's tree, which rejunit itself never makes.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/hash.h>
#include <libxml/parser.h>

#include "grow.h"
#include "rejunit.h"

#define DIVIDER "\n=====\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct result {
	enum rejunit_status status;
	size_t bad_before;
	size_t bad_after;
	size_t greened; /* tests that pass, and did not before */
	bool changed; /* something was decided that the report has to show */
	bool added; /* some test is new */
	bool crowded; /* something was added, and entries share a name */
	struct memory report;
	struct memory lists;
};

/* Tells whether the decisions follow from one another, and sums them up. */
static void
judge(struct rejunit_update *u, struct result *r)
{
	const struct rejunit_decision *d;

	for (size_t i = 0; (d = rejunit_update_decision(u, i)) != NULL; i++) {
		enum rejunit_verdict was = rejunit_decision_before(d);
		enum rejunit_verdict is = rejunit_decision_after(d);
		enum rejunit_reason why = rejunit_decision_reason(d);
		bool bad = was == REJUNIT_FAILED || was == REJUNIT_ERROR;

		if (why == REJUNIT_RECOVERED || why == REJUNIT_FIRST_RUN ||
		    why == REJUNIT_NEW || why == REJUNIT_COVERAGE_UNKNOWN) {
			r->changed = true;
		} else if (why == REJUNIT_AMBIGUOUS) {
			/* of several entries, some may be new */
			r->changed = r->changed || was != is;
		} else {
			need(was == is, "a verdict changes for a reason");
		}
		if (bad && is != REJUNIT_FAILED && is != REJUNIT_ERROR)
			need((why == REJUNIT_RECOVERED &&
				 is == REJUNIT_PASSED) ||
				 why == REJUNIT_COVERAGE_UNKNOWN,
			    "a bad test recovers, and nothing else");
		r->greened += is == REJUNIT_PASSED && is != was;
		r->added = r->added || why == REJUNIT_NEW;
	}
}

/* What a tree says, by the plain way of counting. */
struct tally {
	long tests;
	long failures;
	long errors;
	long skipped;
	long bad;
	long passes; /* cases that may have passed */
	long suites;
	bool explained; /* every counter says just that */
	bool twins; /* some entries share class and name */
	xmlHashTable *names;
};

static bool
is_named(const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE &&
	       strcmp((const char *)n->name, name) == 0;
}

static bool
says(xmlNode *suite, const char *counter, long n)
{
	xmlChar *s = xmlGetNoNsProp(suite, (const xmlChar *)counter);
	/* what is no number is left alone */
	bool same = !s || s[0] == '\0' ||
		    s[strspn((char *)s, "0123456789")] != '\0' ||
		    strtol((char *)s, NULL, 10) == n;

	xmlFree(s);
	return same;
}

/* A <skipped> that forgives a failure: node's and Catch2's. */
static bool
tolerates(xmlNode *n)
{
	xmlChar *type, *message;
	bool yes;

	if (!is_named(n, "skipped"))
		return false;
	type = xmlGetNoNsProp(n, (const xmlChar *)"type");
	message = xmlGetNoNsProp(n, (const xmlChar *)"message");
	yes = (type && strcmp((char *)type, "todo") == 0) ||
	      (message &&
		  strncmp((char *)message, "TEST_CASE tagged with !", 23) == 0);
	xmlFree(type);
	xmlFree(message);
	return yes;
}

/* A word as it is compared: small letters, nothing in between. */
static bool
is_one_of(const xmlChar *s, const char *const *words)
{
	char plain[64];
	size_t n = 0;

	for (; s && *s && n + 1 < sizeof(plain); s++)
		if (!strchr(" -_", *s))
			plain[n++] =
			    (char)(*s >= 'A' && *s <= 'Z' ? *s - 'A' + 'a'
							  : *s);
	plain[n] = '\0';
	for (; s && !*s && *words; words++)
		if (strcmp(plain, *words) == 0)
			return true;
	return false;
}

/* What the attributes say that are there to say it: that it failed, or not. */
static void
tally_words(xmlNode *c, bool *failed, bool *error, bool *other)
{
	static const char *const attributes[] = { "status", "result", "outcome",
		"success", "executed" };
	static const char *const failures[] = { "failed", "fail", "failure",
		"failing", "notok", "nok", "notpassed", "unsuccessful", "bad",
		"broken", NULL };
	static const char *const errors[] = { "error", "errored", "errors",
		"crash", "crashed", "exception", "timeout", "timedout",
		"aborted", "abort", "killed", "fatal", "panic", "panicked",
		NULL };
	static const char *const fine[] = { "passed", "pass", "success",
		"successful", "succeeded", "ok", "true", "run", "completed",
		"executed", "", NULL };
	static const char *const no[] = { "false", NULL };

	for (int i = 0; i < 5; i++) {
		xmlChar *s = xmlGetNoNsProp(c, (const xmlChar *)attributes[i]);

		if (is_one_of(s, failures) || (i < 4 && is_one_of(s, no)))
			*failed = true;
		else if (is_one_of(s, errors))
			*error = true;
		else if (s && !is_one_of(s, fine))
			*other = true;
		xmlFree(s);
	}
}

/* The entries of one class and name. */
struct identity {
	long entries;
	long bad;
	long passes;
	xmlNode *suite; /* of the first */
	bool apart; /* something beside their names may tell them apart */
};

/* Go's names are unique in a package. */
static bool
is_go(xmlNode *suite)
{
	bool yes = false;

	for (xmlNode *p = suite->children; p; p = p->next)
		for (xmlNode *n = p->children; n; n = n->next) {
			xmlChar *name =
			    xmlGetNoNsProp(n, (const xmlChar *)"name");

			yes = yes ||
			      (name && !strcmp((char *)name, "go.version"));
			xmlFree(name);
		}
	return yes;
}

static void
tally_identity(
    xmlNode *c, struct tally *t, bool bad, bool passed, bool teardown)
{
	xmlChar *class = xmlGetNoNsProp(c, (const xmlChar *)"classname");
	xmlChar *name = xmlGetNoNsProp(c, (const xmlChar *)"name");
	const xmlChar *key = name ? name : (xmlChar *)"";
	struct identity *i = xmlHashLookup2(t->names, key, class);

	if (!i) {
		i = calloc(1, sizeof(*i));
		need(i != NULL, "memory");
		i->suite = c->parent;
		need(xmlHashAddEntry2(t->names, key, class, i) == 0, "memory");
	}
	t->twins = t->twins || i->entries > 0;
	i->entries++;
	i->bad += bad && !teardown; /* which goes with its failure */
	i->passes += passed;
	i->apart = i->apart || c->parent != i->suite ||
		   xmlHasProp(c, (const xmlChar *)"file") ||
		   xmlHasProp(c, (const xmlChar *)"line") || teardown ||
		   is_go(c->parent);
	xmlFree(class);
	xmlFree(name);
}

/* The error of pytest that may follow a failure of the same test. */
static bool
is_teardown(xmlNode *n)
{
	xmlChar *message = xmlGetNoNsProp(n, (const xmlChar *)"message");
	bool yes = message && strstr((char *)message, "failed on teardown");

	xmlFree(message);
	return yes;
}

static void
tally_case(xmlNode *c, struct tally *t)
{
	static const char *const failures[] = { "failure", "fail", "failed",
		NULL };
	static const char *const errors[] = { "error", "errored", "exception",
		"crash", "crashed", NULL };
	bool failure = false, error = false, skipped = false, other = false;
	bool says_failure = false, says_error = false, tolerated = false;
	bool teardown = false;

	for (xmlNode *n = c->children; n; n = n->next) {
		if (n->type != XML_ELEMENT_NODE)
			continue;
		failure = failure || is_one_of(n->name, failures);
		error = error || is_one_of(n->name, errors);
		skipped = skipped || is_named(n, "skipped");
		tolerated = tolerated || tolerates(n);
		teardown = teardown || is_teardown(n);
	}
	tally_words(c, &says_failure, &says_error, &other);
	if (!failure && !error) {
		failure = says_failure;
		error = says_error && !failure;
	}
	t->tests++;
	failure = failure && !tolerated;
	error = error && !tolerated;
	t->failures += failure;
	t->errors += error;
	t->skipped += skipped && !failure && !error;
	t->bad += failure || error;
	t->passes += !failure && !error && !skipped;
	tally_identity(c, t, failure || error,
	    !failure && !error && !skipped && !other, teardown);
}

static void
tally_suite(xmlNode *suite, struct tally *sum)
{
	struct tally t = {
		.suites = 1, .explained = true, .names = sum->names
	};

	for (xmlNode *n = suite->children; n; n = n->next) {
		if (is_named(n, "testsuite"))
			tally_suite(n, &t);
		else if (is_named(n, "testcase"))
			tally_case(n, &t);
		/* of no case, and counted all the same */
		t.failures += is_named(n, "failure");
		t.errors += is_named(n, "error");
	}
	sum->tests += t.tests;
	sum->failures += t.failures;
	sum->errors += t.errors;
	sum->skipped += t.skipped;
	sum->bad += t.bad;
	sum->passes += t.passes;
	sum->suites += t.suites;
	sum->twins = sum->twins || t.twins;
	sum->explained = sum->explained && t.explained &&
			 says(suite, "tests", t.tests) &&
			 says(suite, "failures", t.failures) &&
			 says(suite, "errors", t.errors) &&
			 says(suite, "skipped", t.skipped);
}

/* False for what libxml2's tree does not take, or reads otherwise. */
static bool
tally(const void *data, size_t n, struct tally *t)
{
	xmlDoc *doc = xmlReadMemory(data, (int)n, NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
		XML_PARSE_NOCDATA);

	*t = (struct tally){ .explained = true, .names = xmlHashCreate(0) };
	if (doc)
		tally_suite(xmlDocGetRootElement(doc), t);
	xmlFreeDoc(doc);
	return doc != NULL;
}

static void
free_identity(void *identity, const xmlChar *name)
{
	(void)name;
	free(identity);
}

/* The tallies of the three reports of an update. */
struct three {
	const struct tally *before;
	const struct tally *during;
	const struct tally *after;
};

/* Of one identity, no more turns green than has passed. */
static void
check_identity(void *identity, void *ctx, const xmlChar *name,
    const xmlChar *class, const xmlChar *none)
{
	const struct identity *i = identity;
	const struct three *t = ctx;
	const struct identity *ran =
	    xmlHashLookup2(t->during->names, name, class);
	const struct identity *now =
	    xmlHashLookup2(t->after->names, name, class);
	long green = i->bad - (now ? now->bad : 0);

	(void)none;
	/* a module's error goes with the module; forms of names meet */
	if (!name[0] || !class || !class[0] || green <= 0)
		return;
	for (const xmlChar *s = name; *s; s++)
		if (*s >= 0x80)
			return;
	for (const xmlChar *s = class; *s; s++)
		if (*s >= 0x80)
			return;
	need(ran && green <= ran->passes,
	    "no more of a name turns green than has passed");
	/* where all are there again, skipped or not, their order may tell */
	need(i->apart || ran->apart || ran->passes >= i->entries ||
		 i->entries == 1 || ran->entries == i->entries,
	    "of entries of one name, all pass or none turns green");
}

static struct result
update(const struct rejunit_input *original, const struct rejunit_input *rerun,
    uint8_t how)
{
	struct result r = { .status = REJUNIT_OK };
	struct rejunit_update *u;
	struct rejunit_error err = { 0 };

	need(!rejunit_update_new(&u, &err), "an update");
	rejunit_update_original_from(u, original, &err);
	rejunit_update_rerun_from(u, rerun, &err);
	(void)rejunit_update_evidence(
	    u, (enum rejunit_evidence)(how % 3), &err);
	(void)rejunit_update_recount(u, (how & 4) != 0, &err);
	(void)rejunit_update_repair(u, (how & 8) != 0, &err);
	r.status = rejunit_update_plan(u, &err);
	if (r.status) {
		need(r.status == REJUNIT_INPUT, "only inputs are refused");
		need(err.message[0] != '\0', "a message");
	} else {
		need(!rejunit_update_write(u, write_memory, &r.report, &err),
		    "a planned update can be written");
		need(!rejunit_update_flakes(
			 u, REJUNIT_JSON, write_memory, &r.lists, &err),
		    "so can the flake list");
		need(!rejunit_update_decisions(u, write_memory, &r.lists, &err),
		    "and the decisions");
		r.bad_before =
		    rejunit_update_count(u, REJUNIT_COUNT_BAD_BEFORE);
		r.bad_after = rejunit_update_count(u, REJUNIT_COUNT_BAD_AFTER);
		judge(u, &r);
	}
	rejunit_update_free(u);
	return r;
}

/* What must hold between the original, a rerun without repair and a result. */
static void
compare(const void *original, size_t n, const void *rerun, size_t m,
    struct result *r, bool recount)
{
	struct tally before, during, after;
	bool read = tally(original, n, &before);

	read = tally(rerun, m, &during) && read;
	read = tally(r->report.s, r->report.n, &after) && read;
	if (read)
		xmlHashScanFull(before.names, check_identity,
		    &(struct three){ &before, &during, &after });
	xmlHashFree(before.names, free_identity);
	xmlHashFree(during.names, free_identity);
	xmlHashFree(after.names, free_identity);
	r->crowded =
	    read && after.twins && (r->added || after.tests != before.tests);
	if (!r->changed && !r->crowded && !recount)
		need(r->report.n == n && memcmp(r->report.s, original, n) == 0,
		    "no decision, no other byte");
	if (!read)
		return;
	need(r->greened <= (size_t)during.passes,
	    "what turns green has an execution that passed");
	need((size_t)after.bad == r->bad_after, "as many bad cases as it has");
	need(after.tests + (long)r->bad_before >= before.tests,
	    "only bad cases can go");
	if (recount || (before.explained && before.suites == after.suites))
		need(after.explained, "counters that were right are right");
}

/* An audit finds that the update is what follows, byte by byte. */
static void
prove(const struct rejunit_input *original, const struct rejunit_input *rerun,
    const struct rejunit_input *updated, uint8_t how)
{
	struct rejunit_update *u;
	struct rejunit_audit *a;
	struct rejunit_error err = { 0 };

	need(!rejunit_update_new(&u, &err) && !rejunit_audit_new(&a, &err),
	    "an audit");
	rejunit_update_original_from(u, original, &err);
	rejunit_update_rerun_from(u, rerun, &err);
	(void)rejunit_update_evidence(
	    u, (enum rejunit_evidence)(how % 3), &err);
	(void)rejunit_update_recount(u, (how & 4) != 0, &err);
	(void)rejunit_update_repair(u, (how & 8) != 0, &err);
	need(!rejunit_update_plan(u, &err) &&
		 !rejunit_audit_update_from(a, u, updated, &err) &&
		 rejunit_audit_count(a) == 0,
	    "an update is proved");
	rejunit_audit_free(a);
	rejunit_update_free(u);
}

/* Audits and surveys a report; whether it can be read. */
static bool
look_at(const struct rejunit_input *in, uint8_t how)
{
	struct rejunit_audit *a;
	struct rejunit_survey *s;
	struct rejunit_error err = { 0 };
	struct memory m = { 0 };
	bool sound;

	need(!rejunit_audit_new(&a, &err) && !rejunit_survey_new(&s, &err),
	    "an audit, and a survey");
	(void)rejunit_audit_profile(a, (enum rejunit_profile)(how % 3), &err);
	(void)rejunit_survey_slowest(s, how % 8, &err);
	sound = !rejunit_survey_report_from(s, in, &err);
	need(sound || err.status == REJUNIT_INPUT, "only inputs are refused");
	need(!rejunit_audit_report_from(a, in, &err) ||
		 err.status == REJUNIT_INPUT,
	    "a report is audited");
	need(sound || rejunit_audit_count(a) || err.status == REJUNIT_INPUT,
	    "what cannot be read is a finding");
	need(!rejunit_audit_write(a, how & 1 ? REJUNIT_JSON : REJUNIT_TEXT,
		 write_memory, &m, &err) &&
		 (!sound || !rejunit_survey_write(s, write_memory, &m, &err)),
	    "both can be written");
	free(m.s);
	rejunit_audit_free(a);
	rejunit_survey_free(s);
	return sound;
}

/* One report of both has the cases of both. */
static void
merge(const struct rejunit_input *one, const struct rejunit_input *other,
    bool sound, bool join)
{
	struct rejunit_merge *m;
	struct rejunit_error err = { 0 };
	struct memory whole = { 0 };
	struct tally t;
	enum rejunit_status status;

	need(!rejunit_merge_new(&m, &err), "a merge");
	(void)rejunit_merge_join_suites(m, join, &err);
	rejunit_merge_add_from(m, one, &err);
	rejunit_merge_add_from(m, other, &err);
	status = rejunit_merge_read(m, &err);
	need(status == REJUNIT_OK || status == REJUNIT_INPUT,
	    "only inputs are refused");
	/* but for what both mean differently by one prefix */
	need(status == REJUNIT_INPUT || sound, "all of them");
	if (status == REJUNIT_OK) {
		need(!rejunit_merge_write(m, write_memory, &whole, &err),
		    "a merge can be written");
		if (tally(whole.s, whole.n, &t))
			need((size_t)t.tests ==
				 rejunit_merge_count(m, REJUNIT_COUNT_CASES),
			    "no case is lost");
		xmlHashFree(t.names, free_identity);
	}
	free(whole.s);
	rejunit_merge_free(m);
}

/* What changed between two reports; of one with itself, nothing did. */
static void
diff(const struct rejunit_input *one, const struct rejunit_input *other,
    bool sound, bool same)
{
	struct rejunit_diff *d;
	struct rejunit_error err = { 0 };
	struct rejunit_report before, after;
	struct memory m = { 0 };
	size_t n[REJUNIT_DIFF_ADDED + 1];

	need(!rejunit_diff_new(&d, &err), "a comparison");
	need(!rejunit_diff_read(d, one, other, &err) == sound,
	    "what can be read can be compared");
	if (sound) {
		need(rejunit_diff_run(d, false, &before) &&
			 rejunit_diff_run(d, true, &after),
		    "both have sums");
		for (int k = 0; k <= REJUNIT_DIFF_ADDED; k++)
			n[k] =
			    rejunit_diff_count(d, (enum rejunit_difference)k);
		need(n[REJUNIT_DIFF_NEWLY_FAILING] +
			     n[REJUNIT_DIFF_STILL_FAILING] +
			     n[REJUNIT_DIFF_ADDED] <=
			 after.cases,
		    "no more fail than there are");
		need(n[REJUNIT_DIFF_FIXED] + n[REJUNIT_DIFF_REMOVED] <=
			 before.cases,
		    "nor are fixed, or gone");
		need(!same || (rejunit_diff_failures(d) == 0 &&
				  n[REJUNIT_DIFF_NEWLY_FAILING] == 0 &&
				  n[REJUNIT_DIFF_FIXED] == 0 &&
				  n[REJUNIT_DIFF_NEWLY_SKIPPED] == 0 &&
				  n[REJUNIT_DIFF_SLOWER] == 0 &&
				  n[REJUNIT_DIFF_ADDED] == 0 &&
				  n[REJUNIT_DIFF_REMOVED] == 0),
		    "a report is what it is");
		need(!rejunit_diff_write(
			 d, REJUNIT_JSON, write_memory, &m, &err),
		    "a comparison can be written");
		m.n = 0;
		need(!rejunit_diff_write(
			 d, REJUNIT_MARKDOWN, write_memory, &m, &err) &&
			 m.n < 65536,
		    "and be a comment");
	}
	free(m.s);
	rejunit_diff_free(d);
}

/* One original, one rerun, and how: everything that has to hold of them. */
static void
test(const void *o, size_t n, const void *r, size_t m, uint8_t how)
{
	const struct rejunit_input original = rejunit_memory("o", o, n);
	const struct rejunit_input rerun = rejunit_memory("r", r, m);
	struct result first, second;
	bool sound = look_at(&original, how);

	diff(&original, &original, sound, true);
	sound = look_at(&rerun, how) && sound;
	diff(&original, &rerun, sound, false);
	merge(&original, &rerun, sound, (how & 16) != 0);
	first = update(&original, &rerun, how);
	if (first.status == REJUNIT_OK && !(how & 8))
		compare(o, n, r, m, &first, (how & 4) != 0);
	if (first.status == REJUNIT_OK) {
		const struct rejunit_input again =
		    rejunit_memory("again", first.report.s, first.report.n);

		prove(&original, &rerun, &again, how);
		second = update(&again, &rerun, how & ~8u);
		/* what became the rerun itself is refused as that */
		if (!(how & 8) &&
		    (first.report.n != m || memcmp(first.report.s, r, m) != 0))
			need(second.status == REJUNIT_OK,
			    "the result can be updated");
		/* entries that are told apart the first time may not be again,
		 * once a further one of their name stands beside them */
		if (second.status == REJUNIT_OK && !first.crowded) {
			need(second.bad_before == first.bad_after,
			    "as many bad cases as was said");
			need(second.report.n == first.report.n &&
				 memcmp(second.report.s, first.report.s,
				     first.report.n) == 0,
			    "a second time changes nothing");
		}
		free(second.report.s);
		free(second.lists.s);
	}
	free(first.report.s);
	free(first.lists.s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *divider =
	    size > 1 ? memmem(data + 1, size - 1, DIVIDER, strlen(DIVIDER))
		     : NULL;

	if (divider) {
		const char *rerun = divider + strlen(DIVIDER);

		test(data + 1, (size_t)(divider - (const char *)data) - 1,
		    rerun, size - (size_t)(rerun - (const char *)data),
		    data[0]);
	} else if (size > 1) {
		struct genes g = { data + 1, data + size };
		struct memory o = grow(&g), r = grow(&g);

		if (getenv("FUZZ_SHOW"))
			fprintf(stderr, "%s\n=====\n%s\n", o.s, r.s);
		test(o.s, o.n, r.s, r.n, data[0] & ~8u);
		free(o.s);
		free(r.s);
	}
	return 0;
}
