package dev.kiln.dockerfile.instruction;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;

class EnvTest {

    @Test
    @Tag("row:9.1")
    void env_pairs_keepQuotesAndOrder() {
        assertThat(parse(Env.class, "ENV b=\"x y\" a=$b c=").pairs()).containsExactly(
                new KeyValue("b", "\"x y\"", false), new KeyValue("a", "$b", false), new KeyValue("c", "", false));
    }

    @Test
    @Tag("row:9.1")
    void env_oldForm_takesTheRest() {
        assertThat(parse(Env.class, "ENV  a \t b=c  d ").pairs()).containsExactly(new KeyValue("a", "b=c  d", true));
    }

    @Test
    void env_malformed_isRefused() {
        assertRefused("ENV a=b =c").hasMessage("ENV names can not be blank");
        assertRefused("ENV --x a=b").hasMessage("unknown flag: --x");
        assertRefused("ENV a=b c").hasMessageContaining("can't find = in \"c\"");
    }
}
