/*
 * runner_id.h - a test's id, as its runner takes it back.
 *
 *	pytest		tests/test_a.py::TestX::test_y[p]
 *	Maven Surefire	pkg.Class#method, pkg.Class#method* if parameterised
 *	JUnit's console	pkg.Class#method(types)
 *	GoogleTest	Suite.Name
 *	Go		package -run=^TestX$/^sub$
 *	others		classname::name, or the name alone
 *
 * The runner is told by what it leaves in its reports, see dialect.h; pytest,
 * which leaves nothing, by its classnames and files.
 */
#ifndef RJ_RUNNER_ID_H
#define RJ_RUNNER_ID_H

#include "base/error.h"
#include "base/map.h"
#include "model/case.h"

/* A folder below which files are looked for; none is looked for twice. */
struct rj_rootdir {
	const char *path;
	struct rj_map known; /* of paths, whether they are there */
	struct rj_arena keys;
};

/* Puts a folder in the place of another one, or NULL; it lives in the arena. */
enum rejunit_status rj_rootdir_set(struct rj_rootdir **rootdir,
    struct rj_arena *arena, const char *path, struct rejunit_error *err);

/* Gives back what is not in the arena; NULL is fine. */
void rj_rootdir_free(struct rj_rootdir *rootdir);

/*
 * Appends a test's name for people: as its id, but where that would select
 * other tests, too, it says which one it is.
 */
bool rj_test_name(
    struct rj_buf *out, const struct rj_case *c, struct rj_rootdir *rootdir);

/*
 * Appends the path of the file that a test is in, as far as the report, or its
 * id, says so.
 */
bool rj_test_file(
    struct rj_buf *out, const struct rj_case *c, struct rj_rootdir *rootdir);

/*
 * Appends a test's id, one line of printable text. Files of pytest's modules
 * are looked for below rootdir, unless that is NULL. False: out of memory.
 */
bool rj_test_id(
    struct rj_buf *out, const struct rj_case *c, struct rj_rootdir *rootdir);

/*
 * *runnable: the id is none that its runner would choke on. Of pytest's tests,
 * those whose file is not found have no id that it takes, and one such line
 * keeps it from running all others of a list.
 */
bool rj_test_is_runnable(
    const struct rj_case *c, struct rj_rootdir *rootdir, bool *runnable);

#endif
