/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "privilege/drop.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <unistd.h>

static const unsigned int reading[] = { CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH };

#define READING (sizeof(reading) / sizeof(reading[0]))

/* Root is nobody special, an exec wins nothing, and nothing is inherited. */
static const unsigned long securebits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
					SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |
					SECBIT_NO_CAP_AMBIENT_RAISE |
					SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

static bool is_kept(unsigned int capability, enum drop_keep keep)
{
	for (size_t i = 0; i < READING && keep == DROP_KEEP_READING; i++) {
		if (reading[i] == capability)
			return true;
	}
	return false;
}

/* Those to keep of what there is: to ask for more is refused. */
static void select_kept(enum drop_keep keep)
{
	bool had[READING];

	for (size_t i = 0; i < READING; i++)
		had[i] = is_kept(reading[i], keep) &&
			 capng_have_capability(CAPNG_PERMITTED, reading[i]);
	capng_clear(CAPNG_SELECT_BOTH);
	for (size_t i = 0; i < READING; i++) {
		if (had[i])
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, reading[i]);
	}
}

/* Is what the kernel says what was wanted? */
static bool is_dropped(const struct account *account, enum drop_keep keep, bool bounded)
{
	uid_t real, effective, saved;

	if (getresuid(&real, &effective, &saved) ||
	    (account &&
	     (real != account->uid || effective != account->uid || saved != account->uid)))
		return false;
	if (account && (getegid() != account->gid || getgroups(0, NULL) != 0))
		return false;
	if (capng_get_caps_process())
		return false;
	for (unsigned int i = 0; i <= CAP_LAST_CAP; i++) {
		if (!is_kept(i, keep) && (capng_have_capability(CAPNG_EFFECTIVE, i) ||
					  capng_have_capability(CAPNG_PERMITTED, i)))
			return false;
		if (capng_have_capability(CAPNG_INHERITABLE, i) ||
		    (bounded && capng_have_capability(CAPNG_BOUNDING_SET, i)))
			return false;
	}
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

/* Without CAP_SETPCAP (`mighty`) the bounding set can't be touched, but all else can. */
static bool change(const struct account *account, enum drop_keep keep, bool mighty)
{
	bool changed = !account;

	if (account) {
		select_kept(keep);
		changed =
			!capng_change_id((int)account->uid, (int)account->gid,
					 CAPNG_DROP_SUPP_GRP | (mighty ? CAPNG_CLEAR_BOUNDING : 0));
	}
	/* A root that remains must at least lose its capabilities. */
	if (!changed || !account) {
		capng_get_caps_process();
		select_kept(keep);
		changed = !capng_apply(mighty ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS) && changed;
	}
	return changed;
}

int drop_to(const struct account *account, enum drop_keep keep)
{
	bool mighty, changed;

	if (capng_get_caps_process())
		return -EIO;
	mighty = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
	if (mighty && prctl(PR_SET_SECUREBITS, securebits, 0, 0, 0))
		return -errno;
	changed = change(account, keep, mighty);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -errno;
	return changed && is_dropped(account, keep, mighty) ? 0 : -EPERM;
}
