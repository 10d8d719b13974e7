/*
 * read.h - a report as suites and cases, one after the other.
 *
 * rj_read() goes through a source once and hands over each case when it ends,
 * with the places of its tags and of its children in the source's bytes. A
 * case is a <testcase> directly in a <testsuite> or in the root; a suite is a
 * <testsuite> directly in one, or the root. The root itself is the outermost
 * suite, whether it is <testsuites> or a single <testsuite>.
 *
 * The case, its children and its strings belong to the reader and are gone
 * when the callback returns. So is a suite when `close` returns, unless
 * `keep` was set in it: then it and the suites around it live in the arena.
 * That is what keeps the memory of a large report small.
 */
#ifndef RJ_READ_H
#define RJ_READ_H

#include "model/case.h"
#include "read/xml.h"

struct rj_reader {
	/*
	 * Each returns a status; anything but 0 ends the reading. Who has no
	 * use for a suite's beginning or end leaves those NULL.
	 */
	enum rejunit_status (*open)(void *ctx, struct rj_suite *s);
	enum rejunit_status (*close)(void *ctx, struct rj_suite *s);
	enum rejunit_status (*test)(void *ctx, const struct rj_case *c);
	/*
	 * Passed cases of this name need not be handed over: they may be in
	 * the sums of their suite only. Another thread may ask, while the other
	 * functions run. NULL, or a watch: all are.
	 */
	bool (*skip)(void *ctx, struct rj_str classname, struct rj_str name);
	void *ctx;
	bool *foreign;
	/* Sees every element before the reader does; NULL: nobody. */
	const struct rj_xml_handler *watch;
};

/*
 * Reads a source as report number `report`, of run number `run`; kept suites
 * live in the arena. *reader->foreign turns true for what is XML, but no
 * JUnit report. The watch gets the reader's ctx.
 */
enum rejunit_status rj_read(const struct rj_source *src, unsigned int run,
    unsigned int report, const struct rj_reader *reader, struct rj_arena *arena,
    struct rejunit_error *err);

#endif
