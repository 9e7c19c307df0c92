package dev.kiln.cli.output;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.json.JsonText;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class OutputsTest {
    @TempDir
    Path folder;

    private static Outputs outputs(String names, String outputs, String flags) throws OutputException {
        List<ImageReference> tags = words(names).stream().map(ImageReference::parse).toList();
        List<String> annotations = words(flags).stream().filter(flag -> flag.contains("=")).toList();
        return Outputs.of(new Outputs.Wishes(tags, words(outputs), words(flags).contains("push"),
                words(flags).contains("load"), annotations), 1);
    }

    private static List<String> words(String text) {
        return text == null ? List.of() : Arrays.asList(text.split(" +"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", quoteCharacter = '\0', textBlock = """
            -     | -                               | -    | {"push":false}
            a:1   | -                               | push | {"push":true}
            a:1   | type=registry                   | -    | {"push":false,"outputs":[{"type":"image","push":"tags"}]}
            a:1   | type=image,push=true,name=b     | -    | {"push":false,"outputs":[{"type":"image","push":"tags"}]}
            -     | type=image,push=true,name=b     | -    | {"push":false,"outputs":[{"type":"image","names":["b"],"push":"tags"}]}
            a:1   | type=image,compression=zstd     | push | {"push":false,"outputs":[{"type":"image","push":"tags","compression":"zstd"}]}
            a:1   | type=oci,dest=x                 | push | {"push":false,"outputs":[{"type":"image"},{"type":"image","push":"tags"}]}
            a:1   | type=image type=tar,dest=x      | -    | {"push":false,"outputs":[{"type":"image"},{"type":"files"}]}
            -     | out                             | -    | {"push":false,"outputs":[{"type":"files"}]}
            -     | type=docker,dest=x,squash=true  | k=v  | {"push":false,"outputs":[{"type":"image","squash":true,"annotations":["manifest:k=v"]}]}
            -     | -                               | k=v  | {"push":false,"outputs":[{"type":"image","annotations":["manifest:k=v"]}]}
            a:1   | -                               | push k=v | {"push":false,"outputs":[{"type":"image","push":"tags","annotations":["manifest:k=v"]}]}
            """)
    void wishes_becomeTheRequest(String names, String outputs, String flags, String expected) throws Exception {
        ObjectNode request = JsonText.object();

        outputs(names, outputs, flags).put(request);

        assertThat(request).hasToString(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", quoteCharacter = '\0', textBlock = """
            - | type=registry                | -    | a name is needed when pushing
            - | type=image                   | push | a name is needed when pushing
            - | type=local                   | -    | dest is required for type=local
            - | type=local,dest=-            | -    | cannot be standard output
            - | type=oci,tar=false           | -    | dest is required
            - | type=image,dest=x            | -    | dest is for files
            - | type=cacheonly               | -    | leaves its image in the farm
            - | type=moby                    | -    | known: image, registry
            - | - -                          | -    | several outputs cannot all go to standard output
            - | type=tar,dest=               | -    | dest is empty
            - | type=tar,dest=/              | -    | is a directory
            - | type=local,dest=/dev/null    | -    | is a file
            - | type=local,dest=x,platform-split=false | - | unknown word "platform-split"
            - | out                          | k=v  | none of the outputs is one
            - | -                            | x:k=v | unknown annotation type
            - | type=docker,dest=x,oci-mediatypes=false | index:k=v | conflict
            """)
    void wishes_notPossible_areRefused(String names, String outputs, String flags, String message) {
        String given = "- -".equals(outputs) ? "- type=oci" : outputs;
        assertThatThrownBy(() -> outputs(names, given, flags)).isInstanceOf(OutputException.class)
            .hasMessageContaining(message);
    }

    @Test
    void archiveForDocker_ofSeveralPlatforms_isRefused() {
        assertThatThrownBy(() -> Outputs.of(new Outputs.Wishes(List.of(), List.of("type=docker,dest=x"), false, false,
                List.of()), 2))
            .hasMessageContaining("use type=oci");
    }

    @Test
    void folder_thatIsThere_isTaken() throws Exception {
        Path there = Files.createDirectory(folder.resolve("there"));

        Outputs outputs = outputs(null, there.toString(), null);

        assertThat(outputs.isAwaited()).isTrue();
        assertThat(outputs.hasImage()).isFalse();
        assertThat(outputs.firstImage()).isEmpty();
    }

    @Test
    void standardOutput_isKnownAsSuch() throws Exception {
        assertThat(outputs(null, "type=oci", null).isStandardOutput()).isTrue();
        assertThat(outputs(null, "-", null).isStandardOutput()).isTrue();
        assertThat(outputs(null, "type=oci,dest=x", null).isStandardOutput()).isFalse();
    }

    @Test
    void firstImage_andItsNames_areThoseOfTheOutput() throws Exception {
        Outputs outputs = outputs(null, "type=tar,dest=x type=oci,dest=y,name=b:2", null);

        assertThat(outputs.firstImage()).contains(1);
        assertThat(outputs.namesOf(1, List.of())).containsExactly(ImageReference.parse("b:2"));
        List<ImageReference> build = List.of(ImageReference.parse("a:1"));
        assertThat(outputs.namesOf(1, build)).isEqualTo(build);
    }
}
