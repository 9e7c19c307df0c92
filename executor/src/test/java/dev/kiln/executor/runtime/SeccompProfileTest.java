package dev.kiln.executor.runtime;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class SeccompProfileTest {
    private static final Map<String, Object> DEFAULT = SeccompProfile.load()
        .forProcess("amd64", Set.of("CAP_SYS_CHROOT"));

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> rules(Map<String, Object> profile, String syscall) {
        return ((List<Map<String, Object>>) profile.get("syscalls")).stream()
            .filter(r -> ((List<String>) r.get("names")).contains(syscall))
            .toList();
    }

    @Test
    void everythingElse_isRefusedWithEperm() {
        assertThat(DEFAULT).containsEntry("defaultAction", "SCMP_ACT_ERRNO").containsEntry("defaultErrnoRet", 1);
        assertThat(Stream.of("mount", "unshare", "bpf", "keyctl", "reboot", "kexec_load", "ptrace_no", "add_key",
                "open_by_handle_at", "io_uring_setup", "userfaultfd", "pivot_root", "setns", "init_module"))
            .allSatisfy(s -> assertThat(rules(DEFAULT, s)).as(s).isEmpty());
    }

    @Test
    void commonCalls_areAllowed() {
        assertThat(Stream.of("read", "write", "execve", "chroot", "ptrace", "arch_prctl", "waitid", "statx", "openat2",
                "vmsplice", "zz")
            .filter(s -> rules(DEFAULT, s).isEmpty())).containsExactly("zz");
    }

    @Test
    void clone_makesNoNamespaces_andClone3IsNotThere() {
        assertThat(rules(DEFAULT, "clone")).singleElement()
            .extracting(r -> r.get("args"))
            .isEqualTo(List.of(Map.of("index", 0, "value", 0x7e020000L, "valueTwo", 0L, "op", "SCMP_CMP_MASKED_EQ")));
        assertThat(rules(DEFAULT, "clone3")).singleElement()
            .isEqualTo(Map.of("names", List.of("clone3"), "action", "SCMP_ACT_ERRNO", "errnoRet", 38));
    }

    @Test
    void capabilities_openWhatGoesWithThem() {
        Map<String, Object> admin = SeccompProfile.load().forProcess("amd64", Set.of("CAP_SYS_ADMIN"));

        assertThat(rules(admin, "mount")).hasSize(1);
        assertThat(rules(admin, "clone")).singleElement().satisfies(r -> assertThat(r).doesNotContainKey("args"));
        assertThat(rules(admin, "clone3")).singleElement()
            .satisfies(r -> assertThat(r).containsEntry("action",
                    "SCMP_ACT_ALLOW"));
        assertThat(rules(admin, "chroot")).isEmpty();
    }

    @Test
    void socket_refusesTwoFamilies() {
        assertThat(rules(DEFAULT, "socket")).extracting(
                r -> ((Map<?, ?>) ((List<?>) r.get("args")).getFirst()).get("op").toString())
            .containsExactly("SCMP_CMP_LT", "SCMP_CMP_EQ", "SCMP_CMP_GT");
        assertThat(rules(DEFAULT, "personality")).hasSize(5);
    }

    @Test
    void architectures_areTheMachinesAndThoseItRunsToo() {
        assertThat(DEFAULT.get("architectures"))
            .isEqualTo(List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86"));
        Map<String, Object> arm = SeccompProfile.load().forProcess("arm64", Set.of());
        assertThat(arm.get("architectures")).isEqualTo(List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"));
        assertThat(rules(arm, "arch_prctl")).isEmpty();
        assertThat(rules(arm, "set_tls")).hasSize(1);
        assertThat(
                rules(SeccompProfile.load().forProcess("s390x", Set.of()), "clone").getFirst().get("args").toString())
            .contains("index=1");
    }

    @Test
    void parse_refusesWhatItDoesNotKnow() {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> SeccompProfile.parse("permit : read\n").forProcess("amd64", Set.of()));
        assertThatIllegalArgumentException()
            .isThrownBy(() -> SeccompProfile.parse("allow moon=full : read\n").forProcess("amd64", Set.of()));
    }
}
