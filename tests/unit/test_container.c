/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include "process/container.h"

#define ID    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define POD   "1a2b3c4d_5e6f_7a8b_9c0d_1e2f3a4b5c6d"

struct expected {
	const char *cgroup;
	const char *id; /* "" for none */
	const char *runtime;
};

static void check_all(const struct expected *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct container container = { "from before", .runtime = "somebody" };
		size_t length = strlen(cases[i].cgroup);
		char *exact = mem_resize(NULL, length, 1);

		memcpy(exact, cases[i].cgroup, length);
		container_from_cgroup((struct span){ exact, length }, &container);
		free(exact);
		if (strcmp(container.id, cases[i].id))
			fail_msg("%s is in \"%s\"", cases[i].cgroup, container.id);
		if (!container.runtime != !cases[i].runtime ||
		    (container.runtime && strcmp(container.runtime, cases[i].runtime)))
			fail_msg("%s has runtime %s", cases[i].cgroup, container.runtime);
	}
}
#define CHECK_ALL(cases) check_all(cases, ARRAY_SIZE(cases))

static void test_every_runtime_is_known_on_cgroup_v2(void **state)
{
	static const struct expected cases[] = {
		{ "0::/system.slice/docker-" ID ".scope\n", ID, "docker" },
		{ "0::/docker/" ID "\n", ID, "docker" },
		{ "0::/machine.slice/libpod-" ID ".scope\n", ID, "podman" },
		{ "0::/machine.slice/libpod-" ID ".scope/container\n", ID, "podman" },
		{ "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID
		  ".scope\n", ID, "podman" },
		{ "0::/libpod_parent/libpod-" ID "\n", ID, "podman" },
		{ "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" POD
		  ".slice/cri-containerd-" ID ".scope\n", ID, "containerd" },
		{ "0::/kubepods.slice/kubepods-pod" POD ".slice/crio-" ID ".scope\n", ID, "cri-o" },
		{ "0::/kubepods.slice/kubepods-pod" POD ".slice/crio-" ID ".scope/container\n", ID,
		  "cri-o" },
		{ "0::/kubepods/besteffort/pod" POD "/crio-" ID "\n", ID, "cri-o" },
		{ "0::/lxc.payload.web-1\n", "web-1", "lxc" },
		{ "0::/lxc.payload.web-1/system.slice/nginx.service\n", "web-1", "lxc" },
		{ "0::/lxc/web-1\n", "web-1", "lxc" },
		{ "0::/lxc/web-1/ns/system.slice/cron.service\n", "web-1", "lxc" },
		{ "0::/machine.slice/machine-web.scope/payload\n", "web", "systemd-nspawn" },
		{ "0::/machine.slice/machine-web\\x2d1.scope\n", "web-1", "systemd-nspawn" },
		{ "0::/machine.slice/systemd-nspawn@web\\x2d1.service/payload/init.scope\n", "web-1",
		  "systemd-nspawn" },
		{ "0::/docker/" ID "/init\n", ID, "docker" },
		{ "0::/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" ID ".scope\n", ID,
		  "docker" }, /* without root */
		{ "0::/user.slice/user-1000.slice/user@1000.service/user.slice/nerdctl-" ID ".scope\n", ID,
		  "containerd" },
		{ "0::/system.slice/nerdctl-" ID ".scope\n", ID, "containerd" },
		{ "0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" POD
		  ".slice/docker-" ID ".scope\n", ID, "docker" }, /* cri-dockerd */
		{ "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID
		  ".scope/container\n", ID, "podman" },
		/* A quadlet: the service's own group is split. */
		{ "0::/system.slice/web.service/libpod-payload-" ID "\n", ID, "podman" },
		/* A pod of podman. */
		{ "0::/machine.slice/machine-libpod_pod_" OTHER ".slice/libpod-" ID
		  ".scope/container\n", ID, "podman" },
		{ "0::/libpod_parent/" OTHER "/libpod-" ID "\n", ID, "podman" },
		/* containerd makes folders of what the kubelet means for systemd. */
		{ "0::/system.slice/containerd.service/kubepods-burstable-pod" POD
		  ".slice:cri-containerd:" ID "\n", ID, "containerd" },
		{ "0::/kubepods-besteffort-pod" POD ".slice:crio:" ID "\n", ID, "cri-o" },
		{ "0::/lxc.payload/web-1/init.scope\n", "web-1", "lxc" },
		{ "0::/lxc/101/ns/system.slice/ssh.service\n", "101", "lxc" }, /* Proxmox */
		/* Its last process ends, and the group is gone. */
		{ "0::/system.slice/docker-" ID ".scope (deleted)\n", ID, "docker" },
		/* Seen from another cgroup namespace. */
		{ "0::/../../system.slice/docker-" ID ".scope\n", ID, "docker" },
	};

	(void)state;
	CHECK_ALL(cases);
}

/* Kubernetes' cgroupfs driver and plain runc name the folder by the id alone. */
static void test_id_alone_does_not_tell_the_runtime(void **state)
{
	static const struct expected cases[] = {
		{ "0::/kubepods/burstable/pod" POD "/" ID "\n", ID, NULL },
		{ "0::/" ID "\n", ID, NULL },
		{ "0::/default/" ID "\n", ID, NULL },
		{ "0::/system.slice/runc-" ID ".scope\n", ID, NULL },
		{ "0::/kubepods/pod0a1b2c3d4e5f60718293a4b5c6d7e8f9/" ID "\n", ID, NULL }, /* static pod */
		{ "3:cpu,cpuacct:/ecs/0123456789abcdef0123456789abcdef/" ID "\n", ID, NULL },
		{ "0::/machine.slice/machine-lxc\\x2d1234\\x2dweb.scope\n", "lxc-1234-web", NULL },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void test_hierarchies_of_cgroup_v1_are_read(void **state)
{
	static const struct expected cases[] = {
		{ "12:pids:/docker/" ID "\n11:memory:/docker/" ID "\n"
		  "1:name=systemd:/docker/" ID "\n", ID, "docker" },
		{ "4:memory:/kubepods/pod" POD "/" ID "\n", ID, NULL },
		{ "1:name=systemd:/lxc/web/init.scope\n", "web", "lxc" },
		/* The innermost may have only some of them. */
		{ "3:cpuset:/docker/" OTHER "\n2:pids:/docker/" OTHER "/docker/" ID
		  "\n1:name=systemd:/docker/" OTHER "\n", ID, "docker" },
		{ "2:pids:/docker/" OTHER "/docker/" ID "\n1:name=systemd:/docker/" OTHER "\n", ID,
		  "docker" },
		/* Not all controllers need be the container's. */
		{ "3:cpuset:/\n2:cpu,cpuacct:/user.slice\n1:name=systemd:/lxc.payload.web\n", "web",
		  "lxc" },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void test_hybrid_hierarchies_are_read(void **state)
{
	static const struct expected cases[] = {
		{ "12:pids:/system.slice/docker-" ID ".scope\n"
		  "1:name=systemd:/system.slice/docker-" ID ".scope\n"
		  "0::/system.slice/docker-" ID ".scope\n", ID, "docker" },
		{ "2:memory:/machine.slice/libpod-" ID ".scope\n0::/\n", ID, "podman" },
		{ "2:memory:/\n0::/machine.slice/libpod-" ID ".scope\n", ID, "podman" },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void test_innermost_container_counts(void **state)
{
	static const struct expected cases[] = {
		{ "0::/docker/" OTHER "/docker/" ID "\n", ID, "docker" },
		{ "0::/system.slice/docker-" OTHER ".scope/kubepods/pod" POD "/" ID "\n", ID,
		  NULL },
		{ "0::/system.slice/docker-" OTHER ".scope/kubelet.slice/kubepods.slice/"
		  "kubepods-pod" POD ".slice/cri-containerd-" ID ".scope\n", ID, "containerd" },
		/* kind: a pod in a node that is a container. */
		{ "0::/docker/" OTHER "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
		  "kubelet-kubepods-burstable-pod" POD ".slice/cri-containerd-" ID ".scope\n", ID,
		  "containerd" },
		{ "0::/docker/" OTHER "/kubelet/kubepods/burstable/pod" POD "/" ID "\n", ID, NULL },
		{ "0::/docker/" OTHER "/system.slice/kubelet.service\n", OTHER, "docker" },
		/* Podman in docker, and its monitor. */
		{ "0::/docker/" OTHER "/libpod_parent/libpod-" ID "\n", ID, "podman" },
		{ "0::/docker/" OTHER "/libpod_parent/conmon\n", OTHER, "docker" },
		{ "0::/docker/" OTHER "/system.slice/nginx.service\n", OTHER, "docker" },
		{ "0::/docker/" OTHER "/machine.slice/machine-in.scope/supervisor\n", OTHER, "docker" },
		{ "0::/lxc.payload.outer/docker/" ID "\n", ID, "docker" },
		{ "0::/lxc.payload.outer/lxc.payload.inner/init.scope\n", "inner", "lxc" },
		{ "0::/machine.slice/machine-outer.scope/payload/docker/" ID "\n", ID, "docker" },
		{ "0::/machine.slice/libpod-" OTHER ".scope/libpod-" ID ".scope\n", ID, "podman" },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void test_nspawn_inside_another_container_is_the_innermost(void **state)
{
	static const struct expected cases[] = {
		{ "0::/lxc.payload.outer/machine.slice/machine-inner.scope\n", "inner",
		  "systemd-nspawn" },
		{ "0::/machine.slice/machine-outer.scope/payload/machine.slice/"
		  "machine-inner.scope\n", "inner", "systemd-nspawn" },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void test_processes_outside_of_containers_have_none(void **state)
{
	static const struct expected cases[] = {
		{ "", "", NULL },
		{ "0::/\n", "", NULL },
		{ "0::/init.scope\n", "", NULL },
		{ "0::/system.slice/apache2.service\n", "", NULL },
		{ "0::/user.slice/user-1000.slice/session-3.scope\n", "", NULL },
		{ "12:pids:/\n1:name=systemd:/system.slice/cron.service\n"
		  "0::/system.slice/cron.service\n", "", NULL },
		/* The runtimes themselves: */
		{ "0::/system.slice/docker.service\n", "", NULL },
		{ "0::/system.slice/containerd.service\n", "", NULL },
		{ "0::/machine.slice/libpod-conmon-" ID ".scope\n", "", NULL },
		{ "0::/kubepods.slice/kubepods-pod" POD ".slice/crio-conmon-" ID ".scope\n", "",
		  NULL },
		{ "0::/kubepods.slice/kubepods-burstable-pod" POD ".slice\n", "", NULL },
		{ "0::/lxc.monitor.web\n", "", NULL },
		{ "0::/lxc.monitor/web\n", "", NULL },
		{ "0::/machine.slice/machine-web.scope/supervisor\n", "", NULL },
		{ "0::/machine.slice/systemd-nspawn@web.service/supervisor\n", "", NULL },
		{ "0::/system.slice/web.service/supervisor\n", "", NULL },
		{ "0::/libpod_parent/" ID "/conmon\n", "", NULL },
		{ "0::/machine.slice/machine-libpod_pod_" ID ".slice/libpod-conmon-" OTHER ".scope\n", "",
		  NULL },
		{ "0::/kata_overhead/" ID "\n", "", NULL },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void test_names_that_only_look_like_ids_are_none(void **state)
{
	static const struct expected cases[] = {
		{ "0::/docker/0123456789ab\n", "", NULL },
		{ "0::/docker/buildkit\n", "", NULL },
		{ "0::/docker\n", "", NULL },
		{ "0::/docker/\n", "", NULL },
		{ "0::/docker/" ID "0\n", "", NULL },
		{ "0::/docker/0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF\n",
		  "", NULL },
		{ "0::/docker/g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n",
		  "", NULL },
		{ "0::/system.slice/docker-" ID ".service\n", "", NULL },
		{ "0::/system.slice/docker-" ID "\n", "", NULL },
		{ "0::/system.slice/docker-.scope\n", "", NULL },
		{ "0::/system.slice/docker-web.scope\n", "", NULL },
		{ "0::/system.slice/x-docker-" ID ".scope\n", "", NULL },
		{ "0::/system.slice/libpod-web.scope\n", "", NULL },
		{ "0::/system.slice/cri-containerd-" ID "\n", "", NULL },
		{ "0::/system.slice/cri-containerd-web.scope\n", "", NULL },
		{ "0::/system.slice/crio-web.scope\n", "", NULL },
		{ "0::/system.slice/run-r0123456789abcdef.scope\n", "", NULL },
		{ "0::/system.slice/machine-web.scope\n", "", NULL },
		{ "0::/machine.slice/machine-.scope\n", "", NULL },
		{ "0::/machine.slice/machine-web.service\n", "", NULL },
		{ "0::/system.slice/kubepods-pod" POD ".slice:cri-containerd:web\n", "", NULL },
		{ "0::/system.slice/x:cri-containerd:" ID "\n", "", NULL },
		{ "0::/system.slice/.slice:other:" ID "\n", "", NULL },
		{ "0::/x" ID "\n", "", NULL },
		{ "0::/system.slice/runc-web.scope\n", "", NULL },
		{ "0::/system.slice/web.service/libpod-payload-web\n", "", NULL },
		{ "0::/lxc.payload.\n", "", NULL },
		{ "0::/lxc\n", "", NULL },
		{ "0::/my-lxc/web\n", "", NULL },
		{ "no path at all\n", "", NULL },
	};

	(void)state;
	CHECK_ALL(cases);
}

/* libvirt registers its guests with the same slice and the same kind of name. */
static void test_virtual_machine_is_no_container(void **state)
{
	static const struct expected cases[] = {
		{ "0::/machine.slice/machine-qemu\\x2d1\\x2ddb.scope\n", "", NULL },
		{ "0::/machine.slice/machine-qemu\\x2d1\\x2ddb.scope/libvirt/emulator\n", "",
		  NULL },
	};

	(void)state;
	CHECK_ALL(cases);
}

/* Who may make control groups below a container's own may not leave it by their names. */
static void test_supervisor_is_only_where_systemd_puts_it(void **state)
{
	static const struct expected cases[] = {
		{ "0::/machine.slice/machine-web.scope/payload/supervisor\n", "web", "systemd-nspawn" },
		{ "0::/docker/" ID "/supervisor\n", ID, "docker" },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void test_last_line_needs_no_newline(void **state)
{
	static const struct expected cases[] = {
		{ "0::/docker/" ID, ID, "docker" },
		{ "0::/lxc/w", "w", "lxc" },
		{ "0::/", "", NULL },
		{ "0:", "", NULL },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void test_name_that_does_not_fit_is_no_id(void **state)
{
	struct container container;
	UT_string cgroup;

	(void)state;
	for (int length = CONTAINER_MAX_ID - 1; length <= CONTAINER_MAX_ID; length++) {
		utstring_init(&cgroup);
		utstring_printf(&cgroup, "0::/lxc/%0*d\n", length, 1);
		container_from_cgroup(span_of(utstring_body(&cgroup)), &container);
		utstring_done(&cgroup);
		assert_int_equal(strlen(container.id),
				 length < CONTAINER_MAX_ID ? (size_t)length : 0);
	}
}

static void test_file_that_could_not_be_read_names_none(void **state)
{
	struct container container = { "from before", .runtime = "somebody" };

	(void)state;
	container_from_cgroup(SPAN_NONE, &container);
	assert_text(container.id, "");
	assert_null(container.runtime);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_runtime_is_known_on_cgroup_v2),
		cmocka_unit_test(test_id_alone_does_not_tell_the_runtime),
		cmocka_unit_test(test_hierarchies_of_cgroup_v1_are_read),
		cmocka_unit_test(test_hybrid_hierarchies_are_read),
		cmocka_unit_test(test_innermost_container_counts),
		cmocka_unit_test(test_nspawn_inside_another_container_is_the_innermost),
		cmocka_unit_test(test_processes_outside_of_containers_have_none),
		cmocka_unit_test(test_names_that_only_look_like_ids_are_none),
		cmocka_unit_test(test_virtual_machine_is_no_container),
		cmocka_unit_test(test_supervisor_is_only_where_systemd_puts_it),
		cmocka_unit_test(test_last_line_needs_no_newline),
		cmocka_unit_test(test_name_that_does_not_fit_is_no_id),
		cmocka_unit_test(test_file_that_could_not_be_read_names_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
