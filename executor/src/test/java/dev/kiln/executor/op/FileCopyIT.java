package dev.kiln.executor.op;

import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.graph.CopyItem;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;

/** What of a copy only root can do: owners, capabilities, devices. */
@Tag("privileged")
class FileCopyIT {
    /** {@code cap_net_raw=ep} as the kernel keeps it. */
    private static final byte[] CAPABILITY = HexFormat.of().parseHex("0100000200200000000000000000000000000000");

    @TempDir
    Path temp;
    private Copying copying;
    private Tree from;
    private Tree to;

    @BeforeEach
    void make() throws Exception {
        copying = new Copying(temp);
        from = copying.from.file("d/a", "1").directory("d/sub").file("d/tool", "#!");
        to = copying.to.file("etc/passwd", "app:x:1000:1001::/:/bin/sh\n")
            .file("etc/group", "staff:x:50:\n")
            .directory("there");
        own(from, "d/a", 7, 8);
        own(from, "d/sub", 9, 10);
        own(to, "there", 11, 12);
    }

    private static RawPath path(Tree tree, String name) {
        return RawPath.of(tree.root().resolve(name));
    }

    private static void own(Tree tree, String name, long uid, long gid) throws Exception {
        Posix.chown(path(tree, name), new Owner(uid, gid));
    }

    private Owner owner(String name) throws Exception {
        return Posix.lstat(path(to, name)).owner();
    }

    private void copy(String source, String destination, Optional<String> owner) throws Exception {
        Optional<Owner> found = owner.isPresent()
                ? Optional.of(new Accounts(Root.of(to.root())).find(owner.get()).owner())
                : Optional.empty();
        copying.run(new OpSpec.Copy(List.of(source), destination, owner), found);
    }

    @Test
    @Tag("row:8.11")
    void owner_fromAStage_isKept() throws Exception {
        copy("d", "/x/y", Optional.empty());
        assertThat(owner("x/y/a")).isEqualTo(new Owner(7, 8));
        assertThat(owner("x/y/sub")).isEqualTo(new Owner(9, 10));
        assertThat(owner("x/y")).isEqualTo(Owner.ROOT);
    }

    @Test
    @Tag("row:8.11")
    @Tag("row:8.12")
    void owner_given_isSetOnFilesAndMadeDirectoriesButNotOnWhatIsThere() throws Exception {
        copy("d", "/new/deep", Optional.of("app:staff"));
        copy("d", "/there", Optional.of("app"));
        assertThat(owner("new")).isEqualTo(new Owner(1000, 50));
        assertThat(owner("new/deep")).isEqualTo(new Owner(1000, 50));
        assertThat(owner("new/deep/a")).isEqualTo(new Owner(1000, 50));
        assertThat(owner("there")).isEqualTo(new Owner(11, 12));
        assertThat(owner("there/sub")).isEqualTo(new Owner(1000, 1001));
    }

    @Test
    @Tag("row:8.12")
    void owner_given_isThatOfArchivesAndInlineFilesToo() throws Exception {
        copying.tar("t.tar", Map.of("in/a", "1"));
        OpSpec.Copy copy = Copying.of("/x/y/", Copying.archive("t.tar"), new CopyItem.Inline("i", ""));
        copying.run(copy, Optional.of(new Owner(3, 4)));
        for (String name : List.of("x", "x/y", "x/y/in/a", "x/y/i")) {
            assertThat(owner(name)).as(name).isEqualTo(new Owner(3, 4));
        }
        copying.run(Copying.of("/z/", new CopyItem.Inline("i", "")));
        assertThat(owner("z/i")).isEqualTo(Owner.ROOT);
    }

    @Test
    @Tag("row:8.13")
    void chmod_withSetUserId_reachesFilesAndNotDirectoriesMadeOnTheWay() throws Exception {
        copying.run(Copying.chmod("4600", "/x/y", Copying.path("d")));
        assertThat(Posix.lstat(path(to, "x/y/a")).mode()).isEqualTo(04600);
        assertThat(Posix.lstat(path(to, "x/y/sub")).mode()).isEqualTo(04600);
        assertThat(Posix.lstat(path(to, "x/y")).mode()).isEqualTo(0600);
        assertThat(Posix.lstat(path(to, "x")).mode()).isEqualTo(0600);
    }

    @Test
    @Tag("row:8.15")
    void parents_onTheWay_belongToWhomTheirSourceDid() throws Exception {
        own(from, "d", 21, 22);
        copying.run(Copying.of("/x/", Copying.parents(".", "d/a")));
        assertThat(owner("x/d")).isEqualTo(new Owner(21, 22));
        assertThat(owner("x")).isEqualTo(Owner.ROOT);
        own(to, "x/d", 1, 1);
        copying.run(Copying.of("/x/", Copying.parents(".", "d/tool")));
        assertThat(owner("x/d")).as("of one that is there").isEqualTo(new Owner(1, 1));
    }

    @Test
    void capability_ofAFile_goesAlongAfterTheChangeOfOwner() throws Exception {
        Posix.setxattr(path(from, "d/tool"), "security.capability", CAPABILITY);
        Posix.chmod(path(from, "d/tool"), 04755);
        copy("d", "/x", Optional.of("1:2"));
        assertThat(Posix.getxattr(path(to, "x/tool"), "security.capability")).contains(CAPABILITY);
        assertThat(Posix.lstat(path(to, "x/tool")).mode()).isEqualTo(04755);
    }

    @Test
    void overlayMarks_ofASnapshot_stayBehind() throws Exception {
        Posix.setxattr(path(from, "d/sub"), "trusted.overlay.opaque", new byte[]{'y'});
        copy("d", "/x", Optional.empty());
        assertThat(Posix.listxattr(path(to, "x/sub"))).isEmpty();
    }

    @Test
    void devices_keepTheirNumbers() throws Exception {
        Posix.mknod(path(from, "d/char"), FileType.CHARACTER_DEVICE, 0620, new Device(1, 3));
        Posix.mknod(path(from, "d/block"), FileType.BLOCK_DEVICE, 0600, new Device(7, 300));
        Posix.chmod(path(from, "d/char"), 0620);
        copy("d", "/x", Optional.empty());
        FileStat character = Posix.lstat(path(to, "x/char"));
        assertThat(character.type()).isEqualTo(FileType.CHARACTER_DEVICE);
        assertThat(character.device()).isEqualTo(new Device(1, 3));
        assertThat(character.mode()).isEqualTo(0620);
        FileStat block = Posix.lstat(path(to, "x/block"));
        assertThat(block.type()).isEqualTo(FileType.BLOCK_DEVICE);
        assertThat(block.device()).isEqualTo(new Device(7, 300));
    }

    @Test
    void content_knowsOwnersOnlyWhereTheyAreKept() throws Exception {
        Digest kept = digest(true);
        Digest forgotten = digest(false);
        own(from, "d/a", 70, 80);
        assertThat(digest(true)).isNotEqualTo(kept);
        assertThat(digest(false)).isEqualTo(forgotten);
        Posix.setxattr(path(from, "d/tool"), "security.capability", CAPABILITY);
        assertThat(digest(false)).isNotEqualTo(forgotten);
    }

    private Digest digest(boolean owners) throws Exception {
        ContentHasher hasher = new ContentHasher(!owners);
        OpSpec.Copy copy = new OpSpec.Copy(List.of("d"), "/", Optional.empty());
        hasher.add(new CopySource((CopyItem.Paths) copy.items().getFirst(), copy), Root.of(from.root()));
        return hasher.digest();
    }
}
