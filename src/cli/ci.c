#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

/* A CI system: the variable that proves it, and those that say something. */
struct ci_system {
	const char *name;
	const char *proof;
	const char *run[3]; /* joined, what tells a run from all others */
	const char *attempt; /* a workflow that was started again */
	const char *job;
	const char *shard;
	const char *commit;
	const char *branch[2]; /* the first that is set */
	const char *url[3]; /* joined as they are, with a slash between */
};

static const struct ci_system systems[] = {
	{ "github", "GITHUB_ACTIONS", { "GITHUB_REPOSITORY", "GITHUB_RUN_ID" },
	    "GITHUB_RUN_ATTEMPT", "GITHUB_JOB", NULL, "GITHUB_SHA",
	    { "GITHUB_HEAD_REF", "GITHUB_REF_NAME" },
	    { "GITHUB_SERVER_URL", "GITHUB_REPOSITORY" } },
	{ "gitlab", "GITLAB_CI", { "CI_PROJECT_PATH", "CI_PIPELINE_ID" },
	    "CI_JOB_ID", "CI_JOB_NAME", "CI_NODE_INDEX", "CI_COMMIT_SHA",
	    { "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_REF_NAME" },
	    { "CI_JOB_URL" } },
	{ "circleci", "CIRCLECI",
	    { "CIRCLE_PROJECT_REPONAME", "CIRCLE_WORKFLOW_ID" },
	    "CIRCLE_BUILD_NUM", "CIRCLE_JOB", "CIRCLE_NODE_INDEX",
	    "CIRCLE_SHA1", { "CIRCLE_BRANCH" }, { "CIRCLE_BUILD_URL" } },
	{ "buildkite", "BUILDKITE",
	    { "BUILDKITE_PIPELINE_SLUG", "BUILDKITE_BUILD_NUMBER" },
	    "BUILDKITE_RETRY_COUNT", "BUILDKITE_LABEL",
	    "BUILDKITE_PARALLEL_JOB", "BUILDKITE_COMMIT",
	    { "BUILDKITE_BRANCH" }, { "BUILDKITE_BUILD_URL" } },
	{ "azure", "TF_BUILD", { "BUILD_DEFINITIONNAME", "BUILD_BUILDID" },
	    "SYSTEM_JOBATTEMPT", "SYSTEM_JOBNAME", "SYSTEM_JOBPOSITIONINPHASE",
	    "BUILD_SOURCEVERSION",
	    { "SYSTEM_PULLREQUEST_SOURCEBRANCH", "BUILD_SOURCEBRANCH" },
	    { NULL } },
	{ "bitbucket", "BITBUCKET_BUILD_NUMBER",
	    { "BITBUCKET_REPO_FULL_NAME", "BITBUCKET_BUILD_NUMBER" },
	    "BITBUCKET_STEP_RUN_NUMBER", "BITBUCKET_STEP_UUID",
	    "BITBUCKET_PARALLEL_STEP", "BITBUCKET_COMMIT",
	    { "BITBUCKET_BRANCH" }, { NULL } },
	{ "teamcity", "TEAMCITY_VERSION",
	    { "TEAMCITY_BUILDCONF_NAME", "BUILD_NUMBER" }, NULL,
	    "TEAMCITY_BUILDCONF_NAME", NULL, "BUILD_VCS_NUMBER", { NULL },
	    { "BUILD_URL" } },
	{ "travis", "TRAVIS", { "TRAVIS_REPO_SLUG", "TRAVIS_BUILD_ID" }, NULL,
	    "TRAVIS_JOB_NAME", "TRAVIS_JOB_NUMBER", "TRAVIS_COMMIT",
	    { "TRAVIS_PULL_REQUEST_BRANCH", "TRAVIS_BRANCH" },
	    { "TRAVIS_JOB_WEB_URL" } },
	{ "drone", "DRONE", { "DRONE_REPO", "DRONE_BUILD_NUMBER" }, NULL,
	    "DRONE_STAGE_NAME", "DRONE_STAGE_NUMBER", "DRONE_COMMIT_SHA",
	    { "DRONE_SOURCE_BRANCH", "DRONE_BRANCH" }, { "DRONE_BUILD_LINK" } },
	{ "woodpecker", "CI_PIPELINE_NUMBER",
	    { "CI_REPO", "CI_PIPELINE_NUMBER" }, NULL, "CI_WORKFLOW_NAME", NULL,
	    "CI_COMMIT_SHA", { "CI_COMMIT_SOURCE_BRANCH", "CI_COMMIT_BRANCH" },
	    { "CI_PIPELINE_URL" } },
	{ "jenkins", "JENKINS_URL", { "JOB_NAME", "BUILD_NUMBER" }, NULL,
	    "STAGE_NAME", NULL, "GIT_COMMIT",
	    { "CHANGE_BRANCH", "BRANCH_NAME" }, { "BUILD_URL" } },
};

static const char *
value(const char *name)
{
	const char *s = name ? getenv(name) : NULL;

	return s && *s ? s : NULL;
}

/* Adds a part, with a slash before it, unless there is none of it. */
static void
join(char *out, size_t room, const char *part)
{
	size_t n = strlen(out);

	if (part)
		snprintf(out + n, room - n, "%s%s", n ? "/" : "", part);
}

static void
set_default(const char **to, const char *from)
{
	if (!*to)
		*to = from;
}

/* The branch that a request asks to be merged into. */
static bool
is_target(const char *name)
{
	static const char *const variables[] = { "GITHUB_BASE_REF",
		"CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
		"SYSTEM_PULLREQUEST_TARGETBRANCH", "TRAVIS_BRANCH",
		"DRONE_TARGET_BRANCH", "CI_COMMIT_TARGET_BRANCH",
		"CHANGE_TARGET", NULL };

	for (int i = 0; variables[i]; i++)
		if (value(variables[i]) &&
		    strcmp(value(variables[i]), name) == 0)
			return true;
	return false;
}

/* Without refs/heads/ before it. A fork's may have the main one's name. */
static void
set_branch(struct ci_run *ci, struct rejunit_run *run, const char *name,
    bool is_request)
{
	bool is_forks = is_request && name && is_target(name);

	if (run->branch || !name)
		return;
	if (strncmp(name, "refs/heads/", 11) == 0)
		name += 11;
	snprintf(ci->branch, sizeof(ci->branch), "%s%s",
	    is_forks ? "fork/" : "", name);
	run->branch = ci->branch;
}

static void
name_run(struct ci_run *ci, const struct ci_system *s, struct rejunit_run *run)
{
	char *name = ci->name;

	join(name, sizeof(ci->name), s->name);
	for (int i = 0; i < 3 && s->run[i]; i++)
		join(name, sizeof(ci->name), value(s->run[i]));
	join(name, sizeof(ci->name), value(s->attempt));
	join(name, sizeof(ci->name), run->job);
	join(name, sizeof(ci->name), value(s->shard));
	/* legs of a matrix have all of that in common */
	join(name, sizeof(ci->name), run->host);
	run->name = name;
}

static enum rejunit_status
take_host(void *ctx, const struct rejunit_suite *s)
{
	struct ci_run *ci = ctx;

	if (s->hostname.n == 0 || s->hostname.n >= sizeof(ci->host))
		return REJUNIT_OK;
	memcpy(ci->host, s->hostname.s, s->hostname.n);
	/* nothing else is wanted */
	return REJUNIT_USAGE;
}

/* The host that a report names, else this one. */
static void
find_host(struct ci_run *ci, const char *report)
{
	static const struct rejunit_visitor visitor = {
		.begin_suite = take_host,
	};
	const struct rejunit_input in = rejunit_path(report);
	struct rejunit_reader *reader;
	struct rejunit_error err;
	struct stat st;

	/* what can be read again */
	if (stat(report, &st) == 0 &&
	    (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) &&
	    rejunit_reader_new(&reader, &err) == REJUNIT_OK) {
		(void)rejunit_reader_read(reader, &in, &visitor, ci, &err);
		rejunit_reader_free(reader);
	}
	if (!*ci->host)
		(void)gethostname(ci->host, sizeof(ci->host) - 1);
}

void
complete_run(struct ci_run *ci, struct rejunit_run *run, const char *report)
{
	const struct ci_system *s = systems;
	const struct ci_system *end = s + sizeof(systems) / sizeof(*systems);

	if (!run->host) {
		find_host(ci, report);
		run->host = ci->host;
	}
	while (s < end && !value(s->proof))
		s++;
	if (s == end) {
		read_checkout(ci, run);
		return;
	}
	set_default(&run->commit, value(s->commit));
	for (int i = 0; i < 2 && s->branch[i]; i++)
		set_branch(
		    ci, run, value(s->branch[i]), i == 0 && s->branch[1]);
	set_default(&run->job, value(s->job));
	for (int i = 0; i < 3 && s->url[i]; i++)
		join(ci->url, sizeof(ci->url), value(s->url[i]));
	if (*ci->url && strcmp(s->name, "github") == 0) {
		join(ci->url, sizeof(ci->url), "actions/runs");
		join(ci->url, sizeof(ci->url), value("GITHUB_RUN_ID"));
	}
	set_default(&run->url, *ci->url ? ci->url : NULL);
	if (!run->name)
		name_run(ci, s, run);
	read_checkout(ci, run);
}
