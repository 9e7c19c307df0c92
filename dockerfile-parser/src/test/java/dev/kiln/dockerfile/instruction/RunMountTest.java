package dev.kiln.dockerfile.instruction;

import java.util.Map;
import java.util.Optional;

import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.kiln.dockerfile.instruction.MountSpec.Bind;
import dev.kiln.dockerfile.instruction.MountSpec.Cache;
import dev.kiln.dockerfile.instruction.MountSpec.Permissions;
import dev.kiln.dockerfile.instruction.MountSpec.Secret;
import dev.kiln.dockerfile.instruction.MountSpec.Sharing;
import dev.kiln.dockerfile.instruction.MountSpec.Ssh;
import dev.kiln.dockerfile.instruction.MountSpec.Tmpfs;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.SourceRange;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RunMountTest {

    private static RunMount mount(String value) {
        return parse(Run.class, "RUN --mount=" + value + " a").mounts().getFirst();
    }

    private static MountSpec resolve(String value) {
        return mount(value).resolve(text -> Map.of("$T", "tmpfs", "$X", "/x").getOrDefault(text, text));
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertUnresolved(String value) {
        RunMount mount = mount(value);
        return assertThatThrownBy(() -> mount.resolve(text -> text)).isInstanceOfSatisfying(DockerfileException.class,
                refused -> assertThat(refused.ranges()).containsExactly(
                        SourceRange.ofLine(1, 5, "--mount=".length() + value.length())));
    }

    @Test
    @Tag("row:6.1.1")
    @Tag("row:6.1.2")
    @Tag("row:6.1.3")
    @Tag("row:6.1.4")
    void bind_defaults_areReadOnlyFromTheContext() {
        assertThat(resolve("target=/a")).isEqualTo(new Bind(Optional.empty(), "", "/a", true));
        assertThat(resolve("type=bind,from=b,src=c,dst=d,rw")).isEqualTo(new Bind(Optional.of("b"), "c", "d", false));
        assertThat(resolve("TYPE=BIND,Destination=/a,readwrite=false,id=x")).isEqualTo(
                new Bind(Optional.empty(), "", "/a", true));
    }

    @Test
    @Tag("row:6.1.1")
    @Tag("row:6.1.5")
    @Tag("row:6.1.6")
    @Tag("row:6.1.8")
    @Tag("row:6.1.14")
    void cache_defaults_areSharedAndNamedByTarget() {
        assertThat(resolve("type=cache,target=/a/../b/")).isEqualTo(
                new Cache(Optional.empty(), "", "/a/../b/", false, "/b", Sharing.SHARED, Permissions.NONE));
        assertThat(
                resolve("type=cache,target=./a/,from=b,source=c,ro,id=i,sharing=LOCKED,mode=0700,uid=1,gid=4294967295"))
            .isEqualTo(new Cache(Optional.of("b"), "c", "./a/", true, "i", Sharing.LOCKED,
                    new Permissions(Optional.of(0700), Optional.of(1L), Optional.of(4294967295L))));
    }

    @ParameterizedTest
    @CsvSource({"512,512", "0,0", "64m,67108864", "64MB,67108864", "64MiB,67108864", "1.5k,1536", "2 g,2147483648",
        "10b,10",
        "1e3,1000", ".5k,512", "1p,1125899906842624"})
    @Tag("row:6.1.7")
    void tmpfs_size_hasUnits(String size, long bytes) {
        assertThat(mount("type=tmpfs,target=/a,size=$S").resolve(text -> text.replace("$S", size))).isEqualTo(
                new Tmpfs("/a", false, bytes));
    }

    @ParameterizedTest
    @CsvSource({"''", "x", "-1", "1x", "1kbb", "1 kb b", "9223372036854775808", "1e99", "0x10"})
    @Tag("row:6.1.7")
    void tmpfs_sizeMalformed_isRefused(String size) {
        RunMount mount = mount("type=tmpfs,target=/a,size=$S");
        assertThatThrownBy(() -> mount.resolve(text -> text.replace("$S", size)))
            .isInstanceOf(DockerfileException.class)
            .hasMessage("invalid value for size: " + size);
    }

    @Test
    @Tag("row:6.1.5")
    @Tag("row:6.1.9")
    @Tag("row:6.1.10")
    void secret_names_areDerivedFromEachOther() {
        assertThat(resolve("type=secret,id=a/b")).isEqualTo(
                new Secret("a/b", Optional.of("/run/secrets/b"), Optional.empty(), false, Permissions.NONE));
        assertThat(resolve("type=secret,target=/x/y/,required")).isEqualTo(
                new Secret("y", Optional.of("/x/y/"), Optional.empty(), true, Permissions.NONE));
        assertThat(resolve("type=secret,source=s,env=E")).isEqualTo(
                new Secret("s", Optional.empty(), Optional.of("E"), false, Permissions.NONE));
        assertThat(resolve("type=secret,id=s,env=E,target=t,mode=0400")).isEqualTo(new Secret("s", Optional.of("t"),
                Optional.of("E"), false, new Permissions(Optional.of(0400), Optional.empty(), Optional.empty())));
    }

    @Test
    @Tag("row:6.1.5")
    @Tag("row:6.1.9")
    void ssh_defaults_areTheDefaultAgent() {
        assertThat(resolve("type=ssh")).isEqualTo(new Ssh("default", Optional.empty(), false, Permissions.NONE));
        assertThat(resolve("type=ssh,id=a,target=/s,required=1,from=x,env=y")).isEqualTo(
                new Ssh("a", Optional.of("/s"), true, Permissions.NONE));
    }

    @Test
    @Tag("row:6.1.11")
    void values_variables_areReplacedFirst() {
        assertThat(resolve("type=$T,target=$X")).isEqualTo(new Tmpfs("/x", false, 0));
        assertThatThrownBy(() -> mount("target=$X").resolve(text -> {
            throw new DockerfileException(DockerfileException.Code.EXPANSION, "no");
        })).isInstanceOfSatisfying(DockerfileException.class, refused -> assertThat(refused.ranges()).hasSize(1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"typ=bind | unexpected key 'typ' in 'typ=bind' (did you mean type?)",
        "Typ=B | unexpected key 'typ' in 'Typ=B' (did you mean type?)",
        "Target | invalid field 'Target' must be a key=value pair",
        "type=tmp | unsupported mount type \"tmp\" (did you mean tmpfs?)",
        "type=Volume | unsupported mount type \"Volume\"", "ro=yes | invalid value for ro: yes",
        "readwrite= | invalid value for readwrite: ",
        "type=cache,sharing=share | unsupported sharing value \"share\" (did you mean shared?)",
        "sharing=shared | invalid cache sharing set for bind mount",
        "type=tmpfs,sharing=shared | invalid cache sharing set for tmpfs mount",
        "type=ssh,sharing=shared | invalid cache sharing set for ssh mount",
        "type=secret,id=a,sharing=locked | secret mount should not define sharing",
        "type=secret,id=a,from=b | secret mount should not have a from",
        "type=secret | invalid secret mount. one of source, target required",
        "type=secret,env=A | invalid secret mount. one of source, target required",
        "type=secret,id=a,source=b | both source and id can't be set",
        "type=ssh,source=a | ssh does not support source",
        "size=1 | unexpected key 'size' for mount type 'bind'",
        "type=cache,size=1 | unexpected key 'size' for mount type 'cache'",
        "required | unexpected key 'required' for mount type 'bind'",
        "type=cache,required=true | unexpected key 'required' for mount type 'cache'",
        "required,type=secret,id=a | unexpected key 'required' for mount type 'bind'",
        "type=secret,id=a,required=maybe | invalid value for required: maybe",
        "mode=0700 | mode not allowed for \"bind\" type mounts", "uid=1 | uid not allowed for \"bind\" type mounts",
        "type=tmpfs,gid=1 | gid not allowed for \"tmpfs\" type mounts", "type=cache,mode=8 | invalid value 8 for mode",
        "type=cache,mode= | invalid value  for mode",
        "type=cache,mode=40000000000 | invalid value 40000000000 for mode",
        "type=cache,uid=-1 | invalid value -1 for uid", "type=cache,gid=4294967296 | invalid value 4294967296 for gid"})
    @Tag("row:6.1.2")
    @Tag("row:6.1.3")
    @Tag("row:6.1.4")
    @Tag("row:6.1.6")
    @Tag("row:6.1.7")
    @Tag("row:6.1.8")
    @Tag("row:6.1.9")
    void options_thatDoNotFit_areRefusedAtTheFlag(String value, String message) {
        assertUnresolved(value.strip()).message().isEqualToIgnoringWhitespace(message);
    }

    @Test
    @Tag("row:6.1.3")
    @Tag("row:6.1.11")
    void from_withVariable_isRefusedWhenRead() {
        assertRefused("RUN --mount=from=$X a").hasMessage(
                "'from' doesn't support variable expansion, define alias stage instead");
        assertRefused("RUN --mount=from=$X,from=b a").hasMessageStartingWith("'from' doesn't support");
        assertThat(mount("from=b$").from()).contains("b$");
        assertThat(mount("from=b,from=").from()).contains("");
    }

    @Test
    void options_unknown_areReadUntilTheyAreNeeded() {
        assertThat(mount("typ=bind").options()).containsExactly(new RunMount.Option("typ=bind"));
    }
}
