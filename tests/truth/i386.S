/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program of 32 bits: i386 TAG PROGRAM [ARGUMENT ...]. Forks a process that becomes PROGRAM, and waits for it. */

	.globl	_start
_start:
	mov	$2, %eax		/* fork */
	int	$0x80
	test	%eax, %eax
	jz	child
	mov	%eax, %ebx
	xor	%ecx, %ecx
	xor	%edx, %edx
	mov	$7, %eax		/* waitpid */
	int	$0x80
	xor	%ebx, %ebx
end:
	mov	$252, %eax		/* exit_group */
	int	$0x80
child:
	mov	(%esp), %eax		/* argc, argv, NULL, envp */
	lea	8(%esp, %eax, 4), %edx
	lea	12(%esp), %ecx
	mov	12(%esp), %ebx
	mov	$11, %eax		/* execve */
	int	$0x80
	mov	$127, %ebx
	jmp	end

	.section .note.GNU-stack, "", @progbits
