package dev.kiln.dockerfile.instruction;

import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;

class CopyTest {

    @Test
    @Tag("row:8.12")
    @Tag("row:8.13")
    @Tag("row:8.14")
    @Tag("row:8.15")
    @Tag("row:8.16")
    @Tag("row:8.17")
    void copy_everyFlag_isRead() {
        Copy copy = parse(Copy.class, "COPY --from=build --chown=$U:g --chmod=0755 --link --parents=TRUE --exclude=*.o"
                + " --exclude=*.a src/ b /dst/");

        assertThat(copy.from()).contains("build");
        assertThat(copy.parents()).isTrue();
        assertThat(copy.options()).isEqualTo(new TransferOptions(Optional.of("$U:g"), Optional.of("0755"), true,
                List.of("*.o", "*.a")));
        assertThat(copy.transfer()).isEqualTo(new Transfer(List.of("src/", "b"), List.of(), "/dst/"));
    }

    @Test
    void copy_noFlag_hasDefaults() {
        Copy copy = parse(Copy.class, "COPY . .");

        assertThat(copy.from()).isEmpty();
        assertThat(copy.parents()).isFalse();
        assertThat(copy.options()).isEqualTo(new TransferOptions(Optional.empty(), Optional.empty(), false, List.of()));
    }

    @Test
    void copy_emptyFlags_areAsIfAbsent() {
        Copy copy = parse(Copy.class, "COPY --from= --chown= a b");

        assertThat(copy.from()).isEmpty();
        assertThat(copy.options().chown()).isEmpty();
    }

    @Test
    @Tag("row:7.6")
    void copy_heredocs_areFiles() {
        Copy copy = parse(Copy.class, "COPY <<-a.txt x <<'b' /dst/\n\tone $V\na.txt\n\ttwo\nb\n");

        assertThat(copy.transfer().sources()).containsExactly("x");
        assertThat(copy.transfer().inlineFiles()).extracting(Transfer.InlineFile::name).containsExactly("a.txt", "b");
        assertThat(copy.transfer().inlineFiles()).extracting(Transfer.InlineFile::content)
            .containsExactly("one $V\n", "\ttwo\n");
        assertThat(copy.transfer().inlineFiles()).extracting(Transfer.InlineFile::expand).containsExactly(true, false);
    }

    @Test
    @Tag("row:7.6")
    void copy_heredocsOfOneName_haveTheLastBody() {
        Copy copy = parse(Copy.class, "COPY <<a <<'a' /dst/\n1\na\n2\na\n");

        assertThat(copy.transfer().inlineFiles()).extracting(Transfer.InlineFile::content)
            .containsExactly("2\n", "2\n");
        assertThat(copy.transfer().inlineFiles()).extracting(Transfer.InlineFile::expand).containsExactly(true, false);
    }

    @Test
    @Tag("row:8.1")
    void copy_json_keepsBlanks() {
        assertThat(parse(Copy.class, "COPY [\"a b\", \"/c d/\"]").transfer()).isEqualTo(
                new Transfer(List.of("a b"), List.of(), "/c d/"));
    }

    @Test
    @Tag("row:7.1")
    @Tag("row:7.7")
    void copy_heredocInJson_hasNoBody() {
        Transfer transfer = parse(Copy.class, "COPY [\"<<E\", \"/c\"]").transfer();

        assertThat(transfer.sources()).isEmpty();
        assertThat(transfer.inlineFiles()).singleElement()
            .satisfies(file -> assertThat(file.name() + ":" + file.content()).isEqualTo("E:"));
        assertRefused("COPY [\"a\", \"<<E\"]").hasMessage("COPY cannot accept a heredoc as a destination");
    }

    @Test
    @Tag("row:8.1")
    void copy_malformed_isRefused() {
        assertRefused("COPY\t\n").hasMessageStartingWith("COPY requires at least two arguments");
        assertRefused("COPY --checksum=x a b").hasMessageStartingWith("unknown flag: --checksum");
        assertRefused("COPY --parents=1 a b").hasMessage("expecting boolean value for flag --parents, not: 1");
    }
}
