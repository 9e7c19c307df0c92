package dev.kiln.executor.mount;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MountTableTest {
    private static final MountTable TABLE = MountTable.parse("""
            22 27 0:21 / /proc rw,relatime - proc proc rw
            27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
            42 27 7:0 / /data rw,relatime master:2 - ext4 /dev/loop0 rw
            43 42 7:0 /a /data/with\\040blank\\134\\303\\251 rw shared:7 master:2 - ext4 /dev/loop0 rw
            44 42 7:0 /a /database rw - ext4 shared:9 rw
            45 42 7:0 /a /data rw - ext4 /dev/loop0 rw
            """);

    @Test
    void below_namesMountsAtAndUnderTheDirectory_inOrder() {
        assertThat(TABLE.below(Path.of("/data"))).containsExactly(Path.of("/data"), Path.of("/data/with blank\\é"),
                Path.of("/data"));
    }

    @Test
    void showing_takesTheLongestAndLatestMount() {
        assertThat(TABLE.showing(Path.of("/data/x"))).contains(new MountTable.Entry(Path.of("/data"), false));
        assertThat(TABLE.showing(Path.of("/home"))).contains(new MountTable.Entry(Path.of("/"), true));
        assertThat(TABLE.showing(Path.of("/data/with blank\\é/x")).orElseThrow().shared()).isTrue();
    }

    @Test
    void shared_isReadFromTheOptionalFieldsOnly() {
        assertThat(TABLE.showing(Path.of("/database")).orElseThrow().shared()).isFalse();
    }
}
