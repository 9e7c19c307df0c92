package dev.kiln.executor.runtime;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.kiln.executor.runtime.ProcessSpec.Rlimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class HostLimitsTest {
    private final HostLimits limits = HostLimits.parse(List.of(
            "Limit                     Soft Limit           Hard Limit"
                    + "           Units     ",
            "Max open files            1024                 20000                files     ",
            "Max stack size            8388608              unlimited            bytes     ",
            "Max nice priority         0                    0                    "));

    @Test
    void parse_knowsHardLimits() {
        assertThat(limits.hard()).isEqualTo(Map.of("nofile", 20_000L, "stack", -1L, "nice", 0L));
    }

    @Test
    void of_givesAllOpenFilesUnlessTheStepSays() throws Exception {
        assertThat(limits.of(List.of())).hasToString("[{type=RLIMIT_NOFILE, hard=20000, soft=20000}]");
        assertThat(limits.of(List.of(new Rlimit("nofile", 1, 2), new Rlimit("stack", 5, -1)))).hasToString(
                "[{type=RLIMIT_NOFILE, hard=2, soft=1}, {type=RLIMIT_STACK, hard=18446744073709551615, soft=5}]");
    }

    @ParameterizedTest
    @CsvSource({"nofile,1,20001,more than this executor may give", "nofile,1,-1,more than this executor may give",
        "stack,2,1,soft limit must be less", "stack,-1,1,soft limit must be less", "what,1,1,invalid ulimit type"})
    void of_whatCannotBe_isTheStepsFault(String name, long soft, long hard, String message) {
        assertThatThrownBy(() -> limits.of(List.of(new Rlimit(name, soft, hard))))
            .isInstanceOfSatisfying(RuntimeFailure.class,
                    e -> assertThat(e.code()).isEqualTo(RuntimeFailure.Code.STEP))
            .hasMessageContaining(message);
    }
}
