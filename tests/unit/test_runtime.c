/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include "process/runtime.h"

#define ID    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

struct program {
	const char *executable;
	const char *argv[24];
	const char *id; /* "" for none */
	const char *runtime;
};

static void check_all(bool (*find)(const struct image *image, struct container *container),
		      const struct program *programs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct image *image = new_image(
			&(struct image){ .executable = programs[i].executable }, programs[i].argv);
		struct container container = { "", .runtime = NULL };
		bool found = find(image, &container);

		image_unref(image);
		if (found != (programs[i].id[0] != '\0') || strcmp(container.id, programs[i].id) != 0)
			fail_msg("%s, %zu: \"%s\"", programs[i].executable, i, container.id);
		assert_text(container.runtime, programs[i].runtime);
	}
}
#define CHECK_ALL(find, programs) check_all(find, programs, ARRAY_SIZE(programs))

static void test_shims_that_serve_one_container(void **state)
{
	static const struct program shims[] = {
		{ "/usr/bin/containerd-shim-runc-v2",
		  { "/usr/bin/containerd-shim-runc-v2", "-namespace", "moby", "-id", ID, "-address",
		    "/run/containerd/containerd.sock" },
		  ID, "docker" },
		{ "/usr/bin/containerd-shim-runc-v2 (deleted)",
		  { "/usr/bin/containerd-shim-runc-v2", "-namespace", "default", "-id", ID },
		  ID, "containerd" },
		{ "/usr/bin/containerd-shim",
		  { "containerd-shim", "-namespace", "moby", "-workdir",
		    "/var/lib/containerd/io.containerd.runtime.v1.linux/moby/" ID, "-address",
		    "/run/containerd/containerd.sock", "-containerd-binary", "/usr/bin/containerd",
		    "-runtime-root", "/var/run/docker/runtime-runc" },
		  ID, "docker" },
		{ "/usr/bin/docker-containerd-shim",
		  { "docker-containerd-shim", ID, "/var/run/docker/libcontainerd/" ID, "docker-runc" },
		  ID, "docker" },
		{ "/usr/bin/docker-containerd-shim-current",
		  { "/usr/bin/docker-containerd-shim-current", ID, "/var/run/docker/libcontainerd/" ID,
		    "/usr/libexec/docker/docker-runc-current" },
		  ID, "docker" },
		{ "/usr/bin/conmon",
		  { "/usr/bin/conmon", "--api-version", "1", "-c", ID, "-u", ID, "-r", "/usr/bin/crun",
		    "-b", "/var/lib/containers/storage/overlay-containers/" ID "/userdata", "-p",
		    "/run/containers/storage/overlay-containers/" ID "/userdata/pidfile", "-n", "crio",
		    "--exit-dir", "/run/libpod/exits", "--exit-command", "/usr/bin/podman" },
		  ID, "podman" },
		{ "/usr/libexec/podman/conmon",
		  { "conmon", "-c", ID, "-u", OTHER, "--exit-dir", "/run/user/1000/libpod/tmp/exits/" },
		  ID, "podman" },
		{ "/usr/bin/conmon",
		  { "/usr/bin/conmon", "-b", "/run/containers/storage/x", "--cid=" ID, "--exit-dir",
		    "/var/run/crio/exits", "-r", "/usr/bin/runc" },
		  ID, "cri-o" },
		{ "/usr/bin/conmon", { "conmon", "--cid", ID }, ID, NULL },
	};

	(void)state;
	CHECK_ALL(runtime_serves, shims);
}

static void test_other_programs_serve_none(void **state)
{
	static const struct program programs[] = {
		/* Several containers of a pod have the same shim. */
		{ "/usr/bin/containerd-shim-runc-v2",
		  { "/usr/bin/containerd-shim-runc-v2", "-namespace", "k8s.io", "-id", ID }, "", NULL },
		{ "/usr/bin/containerd-shim-runc-v2",
		  { "/usr/bin/containerd-shim-runc-v2", "-namespace", "buildkit", "-id", ID }, "", NULL },
		{ "/usr/bin/containerd-shim-runc-v2",
		  { "/usr/bin/containerd-shim-runc-v2", "-namespace", "moby", "-id", "web" }, "", NULL },
		{ "/usr/bin/containerd-shim-runc-v2",
		  { "/usr/bin/containerd-shim-runc-v2", "-namespace", "moby", "-id" }, "", NULL },
		{ "/usr/bin/containerd-shim-runc-v2", { "-id", "-namespace" }, "", NULL },
		{ "/usr/bin/containerd-shim", { "containerd-shim", missing_arg }, "", NULL },
		{ "/usr/bin/containerd-shim", { NULL }, "", NULL },
		{ "/usr/bin/conmon", { "conmon", "-c" }, "", NULL },
		{ "/usr/bin/conmon", { "conmon", "-x", ID }, "", NULL },
		/* Anybody's own. */
		{ "/home/me/conmon", { "conmon", "-c", ID }, "", NULL },
		{ "/tmp/containerd-shim", { "containerd-shim", "-namespace", "moby", "-id", ID }, "", NULL },
		{ "/usr/bin/python3", { "conmon", "-c", ID }, "", NULL },
		{ NULL, { "conmon", "-c", ID }, "", NULL },
	};

	(void)state;
	CHECK_ALL(runtime_serves, programs);
	assert_false(runtime_serves(NULL, &(struct container){ "", .runtime = NULL }));
}

static void test_calls_name_what_they_create(void **state)
{
	static const struct program calls[] = {
		{ "/usr/bin/runc",
		  { "runc", "--root", "/var/run/docker/runtime-runc/moby", "--log",
		    "/run/containerd/io.containerd.runtime.v2.task/moby/" OTHER "/log.json",
		    "--log-format", "json", "--systemd-cgroup", "create", "--bundle",
		    "/run/containerd/io.containerd.runtime.v2.task/moby/" OTHER, "--pid-file", "/x/init.pid",
		    ID },
		  ID, "docker" },
		{ "/usr/bin/runc",
		  { "runc", "--root", "/run/containerd/runc/k8s.io", "create", ID }, ID, "containerd" },
		{ "/usr/bin/runc", { "runc", "exec", "-t", "--user", "0", ID, "sh", OTHER }, ID, NULL },
		{ "/usr/sbin/runc", { "runc", "--root=/r", "run", "--bundle", "/b", ID }, ID, NULL },
		{ "/usr/bin/docker-runc", { "docker-runc", "restore", ID }, ID, NULL },
		{ "/usr/bin/runc", { "runc", "start", ID }, "", NULL },
		{ "/usr/bin/runc", { "runc", "delete", "--force", ID }, "", NULL },
		{ "/usr/bin/runc", { "runc", "create", "web" }, "", NULL },
		{ "/usr/bin/runc", { "runc", "create" }, "", NULL },
		{ "/usr/bin/runc", { "runc", "init" }, "", NULL },
		{ "/usr/bin/runc", { "runc", missing_arg, ID }, "", NULL },
		{ "/usr/bin/runc", { NULL }, "", NULL },
		{ "/home/me/runc", { "runc", "create", ID }, "", NULL },
		/* Its children can be hooks as well. */
		{ "/usr/bin/crun", { "crun", "create", ID }, "", NULL },
	};

	(void)state;
	CHECK_ALL(runtime_creates, calls);
	assert_false(runtime_creates(NULL, &(struct container){ "", .runtime = NULL }));
}

static void test_what_runs_containers_is_known(void **state)
{
	static const struct {
		const char *executable, *comm;
		const char *argv[4];
		bool runtime, init;
	} cases[] = {
		{ "/usr/bin/runc", "runc", { "runc", "create" }, true, false },
		{ "/usr/bin/runc", "exe", { "runc", "init" }, true, true },
		{ "/memfd:runc_cloned:/proc/self/exe (deleted)", "6", { "/usr/bin/runc", "init" }, true, true },
		{ "/", "runc:[2:INIT]", { NULL }, true, true },
		{ NULL, "runc:[1:CHILD]", { NULL }, true, true },
		{ NULL, "runc", { NULL }, true, false },
		{ NULL, "crun", { NULL }, true, false },
		{ "/usr/bin/crun", "3", { NULL }, true, false },
		{ "/usr/bin/conmon", "conmon", { NULL }, true, false },
		{ "/usr/bin/containerd-shim-runc-v2", "containerd-shim", { NULL }, true, false },
		{ "/usr/bin/dockerd (deleted)", "dockerd", { NULL }, true, false },
		{ "/usr/bin/lxc-attach", "lxc-attach", { NULL }, true, false },
		{ "/usr/bin/systemd-nspawn", "systemd-nspawn", { NULL }, true, false },
		{ "/bin/sh", "sh", { "sh", "init" }, false, false },
		{ "/bin/sh", "sh", { "runc", "init", "x" }, false, false },
		{ "/bin/sh", "runc", { "sh" }, false, false },
		{ "/sbin/init", "init", { "init" }, false, false },
		{ NULL, NULL, { NULL }, false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct image *image = new_image(&(struct image){ .executable = cases[i].executable,
								       .comm = cases[i].comm },
						      cases[i].argv);

		if (runtime_is(image) != cases[i].runtime || runtime_is_init(image) != cases[i].init)
			fail_msg("%s, %s", cases[i].executable, cases[i].comm);
		image_unref(image);
	}
	assert_false(runtime_is(NULL));
}

static void test_what_conmon_starts_in_the_end_is_outside(void **state)
{
	const struct image *conmon =
		new_image(&(struct image){ .executable = "/usr/bin/conmon" },
			  ARGV("conmon", "-c", ID, "--exit-command", "/usr/bin/cleaner",
			       "--exit-command-arg", "/bin/sh"));
	const struct image cleaner = { .executable = "/usr/bin/cleaner" };
	const struct image podman = { .executable = "/usr/bin/podman" };
	const struct image shell = { .executable = "/bin/sh" };

	(void)state;
	assert_true(runtime_starts_outside(conmon, &cleaner));
	assert_true(runtime_starts_outside(conmon, &podman));
	assert_false(runtime_starts_outside(conmon, &shell));
	image_unref(conmon);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shims_that_serve_one_container),
		cmocka_unit_test(test_other_programs_serve_none),
		cmocka_unit_test(test_calls_name_what_they_create),
		cmocka_unit_test(test_what_runs_containers_is_known),
		cmocka_unit_test(test_what_conmon_starts_in_the_end_is_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
