using System.Text;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;
using ClawEvents.Broker.State.Embedded;
using ClawEvents.Broker.Tests.Support;
using Microsoft.Data.Sqlite;

namespace ClawEvents.Broker.Tests.State.Embedded;

/// <summary>A state file that was lost or damaged while no broker ran: it is refused, and never taken for a new one.</summary>
internal sealed class StateDamageTests : IDisposable
{
    private const string Locked = "agent.owner.locked";

    private readonly TemporaryFolder _folder = new();

    private string LockFile => Path.Combine(_folder.Path, "state.lock");

    public void Dispose() => _folder.Dispose();

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_lost_file_of_a_folder_that_had_a_store_is_refused_until_the_operator_removes_the_lock_too(bool isEmpty)
    {
        await FillAsync();
        File.Delete(_folder.StateFile);
        if (isEmpty)
        {
            await File.WriteAllBytesAsync(_folder.StateFile, []);
        }

        for (var start = 0; start < 2; start++)
        {
            Assert.That(() => _folder.OpenStore(), Throws.TypeOf<IOException>().With.Message.EqualTo(
                $"{_folder.StateFile}: it is {(isEmpty ? "empty" : "missing")}, but state.lock beside it says that this folder had a store; restore a backup, "
                + "or remove state.lock, too, to start without its locks, grants and keys"));
            Assert.That(new FileInfo(_folder.StateFile) is { Exists: true, Length: > 0 }, Is.False);
        }

        File.Delete(LockFile);
        await using var store = _folder.OpenStore();
        Assert.That(await store.GetKeyHashAsync("bob"), Is.Null);
    }

    [Test]
    public async Task A_first_start_that_was_killed_before_it_had_a_store_is_no_damage()
    {
        await File.WriteAllBytesAsync(LockFile, []);
        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "jwt-secret"), new byte[64]);
        await File.WriteAllBytesAsync(_folder.StateFile, []);

        await using var store = _folder.OpenStore();

        Assert.That(await store.GetKeyHashAsync("bob"), Is.Null);
    }

    [Test]
    public async Task Every_flipped_bit_of_a_row_is_noticed()
    {
        await FillAsync();
        var bytes = await File.ReadAllBytesAsync(_folder.StateFile);
        var missed = new List<string>();
        foreach (var text in (string[])[Locked, "bobs-hash", "a-grantee", "a-description", "an-app", "a-sender"])
        {
            var place = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
            Assert.That(place, Is.Positive, text);
            for (var bit = place * 8; bit < (place + text.Length) * 8; bit++)
            {
                if (await OpenWithFlippedBitAsync(bytes, bit) is not null)
                {
                    missed.Add($"bit {bit % 8} of byte {(bit / 8) - place} of {text}");
                }
            }
        }

        Assert.That(missed, Is.Empty);
    }

    [TestCase(200)]
    [TestCase(5_000, Category = "Slow")]
    public async Task A_flipped_bit_anywhere_in_the_file_changes_no_fact_unnoticed(int tries)
    {
        await FillAsync();
        var whole = await DescribeAsync(_folder);
        var bytes = await File.ReadAllBytesAsync(_folder.StateFile);
        var random = new Random(1);
        var noticed = 0;
        var wrong = new List<int>();
        for (var i = 0; i < tries; i++)
        {
            var bit = random.Next(bytes.Length * 8);
            var facts = await OpenWithFlippedBitAsync(bytes, bit);
            noticed += facts is null ? 1 : 0;
            if (facts is not null && facts != whole)
            {
                wrong.Add(bit);
            }
        }

        await TestContext.Out.WriteLineAsync($"{tries} bits flipped: {noticed} noticed, the others mean nothing");
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public async Task A_row_written_by_hand_gets_its_checksum_at_the_next_start()
    {
        await FillAsync();
        Run("INSERT INTO live_keys (principal, hash) VALUES ('dave', 'by-hand'); UPDATE live_keys SET hash = 'changed', checksum = NULL WHERE principal = 'bob'");

        await using (var store = _folder.OpenStore())
        {
            Assert.That((await store.GetKeyHashAsync("dave"), await store.GetKeyHashAsync("bob")), Is.EqualTo(("by-hand", "changed")));
        }

        Assert.That(Ask("SELECT count(*) FROM live_keys WHERE checksum IS NULL"), Is.Zero);
    }

    [Test]
    public async Task A_row_changed_by_hand_is_refused_with_the_way_to_keep_it_and_left_unchanged()
    {
        await FillAsync();
        Run("UPDATE live_keys SET hash = 'changed' WHERE principal = 'bob'");
        var before = await File.ReadAllBytesAsync(_folder.StateFile);

        for (var start = 0; start < 2; start++)
        {
            Assert.That(() => _folder.OpenStore(), Throws.TypeOf<IOException>().With.Message.EqualTo(
                $"{_folder.StateFile}: it is damaged: a row of live_keys does not match its checksum; restore a backup, or, if the row was changed by hand, set its checksum to NULL"));
        }

        Assert.That(await File.ReadAllBytesAsync(_folder.StateFile), Is.EqualTo(before));
    }

    [Test]
    public async Task Rows_of_an_older_version_get_checksums()
    {
        Run($"{StateSchema.Migrations[0]} {StateSchema.Migrations[1]} INSERT INTO live_keys VALUES ('bob', 'aaaa'); UPDATE message_count SET total = 7; PRAGMA user_version = 2");

        await using (var store = _folder.OpenStore())
        {
            Assert.That((await store.GetKeyHashAsync("bob"), (await store.CountMessagesAsync(0)).Total), Is.EqualTo(("aaaa", 7)));
        }

        Assert.That(Ask("SELECT count(*) FROM live_keys, message_count WHERE live_keys.checksum IS NULL OR message_count.checksum IS NULL"), Is.Zero);
    }

    private async Task FillAsync()
    {
        await using var store = _folder.OpenStore();
        await store.LockAsync(TestChannel.Named(Locked));
        await store.GrantAsync(TestChannel.Named(Locked), "a-grantee");
        await store.RevokeTokensAsync("bob", 5);
        await store.RevokeTokensAsync("bob", 1_767_225_600);
        await store.SetKeyHashAsync("bob", "a-hash");
        await store.SetKeyHashAsync("bob", "bobs-hash");
        await store.SetAdvertisementAsync(new(TestChannel.Named(Locked), "a-description", null, 5));
        await store.TryCreateAppAsync(new("an-app", "bob", 6), "the-hash-of-the-app");
        await store.AddActivityAsync(new(0, 3, ["a-sender"]));
        foreach (var i in Enumerable.Range(0, 100))
        {
            await store.GrantAsync(TestChannel.Named(Locked), $"grantee-{i}");
        }
    }

    // Null when the file is refused.
    private static async Task<string?> OpenWithFlippedBitAsync(byte[] bytes, int bit)
    {
        using var folder = new TemporaryFolder();
        var flipped = (byte[])bytes.Clone();
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        await File.WriteAllBytesAsync(folder.StateFile, flipped);
        try
        {
            return await DescribeAsync(folder);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task<string> DescribeAsync(TemporaryFolder folder)
    {
        await using var store = folder.OpenStore();
        var channel = TestChannel.Named(Locked);
        var facts = new StringBuilder()
            .AppendJoin(',', await store.GetLockedTopicsAsync("owner"))
            .Append(await store.CountOtherGrantsAsync(channel, "nobody"))
            .Append(await store.GetKeyHashAsync("bob"))
            .Append(await store.GetRevokedUntilAsync("bob"))
            .Append(await store.GetKeyHashAsync("app:an-app"))
            .Append(await store.GetAdvertisementAsync(channel))
            .AppendJoin(',', await store.GetAppsAsync("bob"))
            .AppendJoin(',', await store.GetSendersAsync())
            .Append(await store.CountMessagesAsync(0));
        foreach (var name in Enumerable.Range(0, 100).Select(i => $"grantee-{i}").Append("a-grantee").Append("nobody"))
        {
            facts.Append(await store.GetAccessAsync(channel, Principal.Of(name)) is ChannelAccess.Granted ? '1' : '0');
        }

        return facts.ToString();
    }

    private void Run(string sql) => StateFileTests.Run(_folder.StateFile, sql);

    private long Ask(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_folder.StateFile};Pooling=false");
        connection.Open();
        return (long)StateSchema.Ask(connection, sql)!;
    }
}
