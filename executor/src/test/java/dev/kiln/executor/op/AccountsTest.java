package dev.kiln.executor.op;

import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.posix.FileStat.Owner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class AccountsTest {
    @TempDir
    Path temp;
    private Tree tree;
    private Accounts accounts;

    @BeforeEach
    void make() throws Exception {
        tree = new Tree(temp).file("etc/passwd", "root:x:0:0::/:/bin/sh\nbroken\napp:x:1000:1001::/:/bin/sh\n")
            .file("etc/group", "root:x:0:\nstaff:x:50:app\n");
        accounts = new Accounts(Root.of(temp));
    }

    @ParameterizedTest
    @CsvSource({"app,1000,1001", "app:staff,1000,50", "app:7,1000,7", "5,5,5", "5:6,5,6", "5:staff,5,50", "root,0,0",
        "2147483647:0,2147483647,0", "app:,1000,1001", ":staff,0,50"})
    void owner_byNameOrNumber_isFound(String text, long uid, long gid) throws Exception {
        assertThat(accounts.find(text)).isEqualTo(new Accounts.Found(new Owner(uid, gid), List.of()));
    }

    @Test
    void owner_unknown_isRootAndTold() throws Exception {
        assertThat(accounts.find("nobody")).isEqualTo(new Accounts.Found(Owner.ROOT, List.of("user nobody")));
        assertThat(accounts.find("nobody:nogroup")).isEqualTo(
                new Accounts.Found(Owner.ROOT, List.of("user nobody", "group nogroup")));
        assertThat(accounts.find("2147483648:50")).isEqualTo(
                new Accounts.Found(new Owner(0, 50), List.of("user 2147483648")));
        assertThat(accounts.find("app:nogroup")).isEqualTo(
                new Accounts.Found(new Owner(1000, 1001), List.of("group nogroup")));
    }

    @Test
    void names_butRoot_haveToBeLookedUp() {
        assertThat(List.of("app", "5:staff", "app:5", "5:", ":5")).allMatch(Accounts::hasName);
        assertThat(List.of("5", "root", "5:6", "root:root", "0:root")).noneMatch(Accounts::hasName);
    }

    @Test
    void root_isZeroWhateverTheFilesSay() throws Exception {
        tree.file("etc/passwd", "root:x:5:5::/:/bin/sh\n");
        assertThat(accounts.find("root").owner()).isEqualTo(Owner.ROOT);
    }

    @Test
    void files_missingOrLeadingOutside_areNotRead() throws Exception {
        Tree bare = new Tree(temp.resolve("bare")).link("etc", "../outside");
        tree.file("outside/passwd", "app:x:1:1::/:/bin/sh");
        assertThat(new Accounts(Root.of(bare.root())).find("app").owner()).isEqualTo(Owner.ROOT);
    }

    @Test
    void passwd_thatIsNoFile_isRefused() throws Exception {
        Tree odd = new Tree(temp.resolve("odd")).directory("etc/passwd");
        assertThatThrownBy(() -> new Accounts(Root.of(odd.root())).find("app"))
            .isInstanceOf(StepFailed.class)
            .hasMessageContaining("not a regular file");
    }
}
