/*
 * artifacts.h - what failing runs left in a folder: recordings, logs, pictures.
 */
#ifndef RJ_ARTIFACTS_H
#define RJ_ARTIFACTS_H

#include "investigate/evidence.h"

enum rj_artifact_kind {
	RJ_RECORDING,
	RJ_LOG,
	RJ_SNAPSHOT,
};

struct rj_artifact {
	const char *path;
	enum rj_artifact_kind kind;
	bool names_test; /* in its path, as the next one */
	struct rj_str run; /* that failed; absent: none */
};

struct rj_artifacts {
	struct rj_artifact *of; /* the nearest to the failure come first */
	size_t n;
	bool looked;
};

const char *rj_artifact_kind_name(enum rj_artifact_kind k);

/* Looks through a folder; all of it lives in the evidence's arena. */
enum rejunit_status rj_artifacts_find(struct rj_artifacts *a,
    struct rj_evidence *e, const char *folder, struct rejunit_error *err);

#endif
