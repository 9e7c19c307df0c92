package dev.kiln.dockerfile.instruction;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;

class AddTest {

    @Test
    @Tag("row:8.1.1")
    @Tag("row:8.1.3")
    @Tag("row:8.1.4")
    void add_everyFlag_isRead() {
        Add add = parse(Add.class, "ADD --checksum=sha256:ab --keep-git-dir --unpack=false --chown=a --link x y /z");

        assertThat(add.checksum()).contains("sha256:ab");
        assertThat(add.keepGitDir()).contains(true);
        assertThat(add.unpack()).contains(false);
        assertThat(add.options().link()).isTrue();
        assertThat(add.transfer().destination()).isEqualTo("/z");
    }

    @Test
    void add_noFlag_leavesThemOpen() {
        Add add = parse(Add.class, "ADD a b");

        assertThat(add.keepGitDir()).isEmpty();
        assertThat(add.unpack()).isEmpty();
        assertThat(add.checksum()).isEmpty();
    }

    @Test
    void add_flagsOfCopy_areRefused() {
        assertRefused("ADD --from=a b c").hasMessage("unknown flag: --from");
        assertRefused("ADD a").hasMessageStartingWith("ADD requires at least two arguments");
    }
}
