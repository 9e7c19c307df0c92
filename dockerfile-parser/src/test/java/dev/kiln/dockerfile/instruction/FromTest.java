package dev.kiln.dockerfile.instruction;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;

class FromTest {

    @Test
    @Tag("row:5.1")
    void from_named_lowersTheName() {
        From from = parse(From.class, "from --platform=$BUILDPLATFORM $IMAGE:${V:-1} aS Build-1");

        assertThat(from.image()).isEqualTo("$IMAGE:${V:-1}");
        assertThat(from.stageName()).contains("build-1");
        assertThat(from.platform()).contains("$BUILDPLATFORM");
        assertThat(from.display()).isEqualTo("FROM --platform=$BUILDPLATFORM $IMAGE:${V:-1} aS Build-1");
    }

    @Test
    @Tag("row:5.1")
    void from_plain_hasNoName() {
        From from = parse(From.class, "FROM scratch");

        assertThat(from.stageName()).isEmpty();
        assertThat(from.platform()).isEmpty();
    }

    @Test
    @Tag("row:5.1")
    void from_otherForms_areRefused() {
        assertRefused("FROM a AS").hasMessage("FROM requires either one or three arguments");
        assertRefused("FROM a TO b").hasMessage("FROM requires either one or three arguments");
        assertRefused("FROM a AS b/c").hasMessageStartingWith("invalid name for build stage: \"b/c\"");
        assertRefused("FROM --from=b a").hasMessageStartingWith("unknown flag: --from");
    }
}
