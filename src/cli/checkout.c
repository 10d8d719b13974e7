#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* The first line of a file of git's, without its end; false: there is none. */
static bool
read_line(const char *folder, const char *name, char *out, size_t room)
{
	char path[4096];
	FILE *f;
	bool ok;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >=
	    (int)sizeof(path))
		return false;
	f = fopen(path, "re");
	if (!f)
		return false;
	ok = fgets(out, (int)room, f) != NULL;
	fclose(f);
	out[ok ? strcspn(out, "\r\n") : 0] = '\0';
	return ok;
}

/* The folder that git keeps of the checkout around the working folder. */
static bool
find_folder(char *out, size_t room)
{
	char up[4096] = ".";

	for (int i = 0; i < 64; i++) {
		char line[4096];

		snprintf(out, room, "%s/.git", up);
		if (read_line(out, "HEAD", line, sizeof(line)))
			return true;
		/* a file that names it: of a worktree, or a submodule */
		if (read_line(up, ".git", line, sizeof(line)) &&
		    strncmp(line, "gitdir: ", 8) == 0) {
			const char *to = line + 8;

			if (*to == '/')
				snprintf(out, room, "%s", to);
			else
				snprintf(out, room, "%s/%s", up, to);
			return true;
		}
		if (strlen(up) + 4 > sizeof(up))
			return false;
		strncat(up, "/..", 4);
	}
	return false;
}

/* What a reference is at, in a file of its own or among the packed ones. */
static bool
resolve(const char *folder, const char *ref, char *out, size_t room)
{
	char common[8192], line[4096], path[8192 + 16];
	FILE *f;
	bool found = false;

	if (read_line(folder, ref, out, room))
		return true;
	/* a worktree shares its references */
	if (read_line(folder, "commondir", line, sizeof(line)))
		snprintf(
		    common, sizeof(common), "%.2000s/%.2000s", folder, line);
	else
		snprintf(common, sizeof(common), "%s", folder);
	if (read_line(common, ref, out, room))
		return true;
	snprintf(path, sizeof(path), "%s/packed-refs", common);
	f = fopen(path, "re");
	while (f && !found && fgets(line, sizeof(line), f)) {
		char *space = strchr(line, ' ');

		line[strcspn(line, "\r\n")] = '\0';
		found = space && strcmp(space + 1, ref) == 0;
		if (found)
			snprintf(out, room, "%.*s", (int)(space - line), line);
	}
	if (f)
		fclose(f);
	return found;
}

void
read_checkout(struct ci_run *ci, struct rejunit_run *run)
{
	char folder[8192], head[4096];
	const char *ref;

	if ((run->commit && run->branch) ||
	    !find_folder(folder, sizeof(folder)) ||
	    !read_line(folder, "HEAD", head, sizeof(head)))
		return;
	if (strncmp(head, "ref: ", 5) != 0) {
		snprintf(ci->commit, sizeof(ci->commit), "%.127s", head);
		if (!run->commit)
			run->commit = ci->commit;
		return;
	}
	ref = head + 5;
	/* what stands there where git keeps its references in another way */
	if (strcmp(ref, "refs/heads/.invalid") == 0)
		return;
	if (!run->branch && strncmp(ref, "refs/heads/", 11) == 0) {
		snprintf(ci->branch, sizeof(ci->branch), "%.255s", ref + 11);
		run->branch = ci->branch;
	}
	if (!run->commit &&
	    resolve(folder, ref, ci->commit, sizeof(ci->commit)))
		run->commit = ci->commit;
}
