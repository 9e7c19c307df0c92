package dev.kiln.dockerfile.instruction;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;

class VolumeTest {

    @Test
    @Tag("row:9.4")
    void volume_bothForms_listPaths() {
        assertThat(parse(Volume.class, "VOLUME /a $b").paths()).containsExactly("/a", "$b");
        assertThat(parse(Volume.class, "VOLUME [\" /a b \"]").paths()).containsExactly("/a b");
    }

    @Test
    @Tag("row:9.4")
    void volume_empty_isRefused() {
        assertRefused("VOLUME").hasMessage("VOLUME requires at least one argument");
        assertRefused("VOLUME []").hasMessage("VOLUME requires at least one argument");
        assertRefused("VOLUME [\"\"]").hasMessage("VOLUME specified can not be an empty string");
    }
}
