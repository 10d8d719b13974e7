/*
 * command.h - what to type, in the form of a test's own runner.
 */
#ifndef RJ_COMMAND_H
#define RJ_COMMAND_H

#include "base/str.h"

/* A test, as its runner takes it back. */
struct rj_target {
	struct rj_str id;
	struct rj_str classname;
	struct rj_str name;
	struct rj_str file;
	bool is_known; /* the id is the runner's own */
};

/* Appends its id: its own or, for what looks like pytest's, one of that form.
 */
bool rj_target_id(struct rj_buf *out, const struct rj_target *t);

/* Its runner is one that commands are known of. */
bool rj_knows_runner(const struct rj_target *t);

/* Each appends a command; false: out of memory. */
typedef bool rj_command_fn(struct rj_buf *out, const struct rj_target *t);

/* Runs it alone. */
rj_command_fn rj_command_alone;

/* Runs it again and again, until it fails. */
rj_command_fn rj_command_repeat;

/* Records a run of it, for a replay; nothing: nobody knows how. */
rj_command_fn rj_command_capture;

/* Looks into a recording; absent: the one that the capture makes. */
bool rj_command_replay(
    struct rj_buf *out, const struct rj_target *t, struct rj_str recording);

/* Shows what its fixtures do. */
rj_command_fn rj_command_fixtures;

/* Runs several, in their order. */
bool rj_command_in_order(struct rj_buf *out, const struct rj_target *t, int n);

/* Runs it with a seed. */
bool rj_command_seed(
    struct rj_buf *out, const struct rj_target *t, struct rj_str seed);

/* Appends a word as a shell takes it. */
bool rj_shell_quote(struct rj_buf *out, struct rj_str word);

#endif
