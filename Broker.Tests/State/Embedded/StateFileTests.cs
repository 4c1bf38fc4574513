using ClawEvents.Broker.State.Embedded;
using ClawEvents.Broker.Tests.Support;
using Microsoft.Data.Sqlite;

namespace ClawEvents.Broker.Tests.State.Embedded;

/// <summary>The state file at start: created, migrated to the newest version, or refused and left unchanged.</summary>
internal sealed class StateFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task Only_the_owner_can_read_its_files()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("Windows has no such modes.");
            return;
        }

        await using var store = _folder.OpenStore();
        await store.SetKeyHashAsync("bob", "aaaa");

        var files = Directory.GetFiles(_folder.Path);
        Assert.That(files, Has.Length.EqualTo(4), "state.db, its -wal and -shm, state.lock");
        Assert.That(files.Select(File.GetUnixFileMode), Is.All.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public async Task An_empty_file_is_a_new_one()
    {
        await File.WriteAllBytesAsync(_folder.StateFile, []);

        await using var store = _folder.OpenStore();
        await store.SetKeyHashAsync("bob", "aaaa");

        Assert.That(await store.GetKeyHashAsync("bob"), Is.EqualTo("aaaa"));
    }

    [Test]
    public async Task A_file_of_version_1_keeps_its_contents()
    {
        Run(_folder.StateFile, $"{StateSchema.Migrations[0]} INSERT INTO live_keys VALUES ('bob', 'aaaa'); PRAGMA user_version = 1");

        await using var store = _folder.OpenStore();

        Assert.That(await store.GetKeyHashAsync("bob"), Is.EqualTo("aaaa"));
    }

    [Test]
    public async Task Migrations_are_applied_once_and_in_order()
    {
        await using (var store = _folder.OpenStore())
        {
            await store.SetKeyHashAsync("bob", "aaaa");
        }

        string[] migrations = [.. StateSchema.Migrations, "UPDATE live_keys SET hash = hash || 'b', checksum = NULL", "UPDATE live_keys SET hash = hash || 'c', checksum = NULL"];
        for (var start = 0; start < 2; start++)
        {
            await using var store = _folder.OpenStore(migrations: migrations);
            Assert.That(await store.GetKeyHashAsync("bob"), Is.EqualTo("aaaabc"));
        }
    }

    [Test]
    public async Task A_failed_migration_leaves_the_version_before_all_migrations()
    {
        await using (var store = _folder.OpenStore())
        {
            await store.SetKeyHashAsync("bob", "aaaa");
        }

        string[] migrations = [.. StateSchema.Migrations, "UPDATE live_keys SET hash = 'b'", "DROP TABLE none_of_that_name"];
        Assert.That(() => _folder.OpenStore(migrations: migrations), Throws.TypeOf<IOException>());

        await using var again = _folder.OpenStore();
        Assert.That(await again.GetKeyHashAsync("bob"), Is.EqualTo("aaaa"));
    }

    [Test]
    public async Task A_newer_version_is_refused_and_left_unchanged()
    {
        await _folder.OpenStore().DisposeAsync();
        Run(_folder.StateFile, $"CREATE TABLE what_is_to_come (x); PRAGMA user_version = {StateSchema.Migrations.Count + 1}");

        await AssertRefusedAsync($"it has version {StateSchema.Migrations.Count + 1}, and this broker supports versions up to {StateSchema.Migrations.Count}");
    }

    [Test]
    public async Task A_newer_version_whose_broker_was_killed_is_left_unchanged_with_its_wal()
    {
        string wal;
        using (var killed = new TemporaryFolder())
        {
            // Copied while in use: a database and a WAL that has not been moved into it yet.
            await using var store = killed.OpenStore();
            await store.SetKeyHashAsync("bob", "aaaa");
            Run(killed.StateFile, "PRAGMA user_version = 9");
            wal = $"{_folder.StateFile}-wal";
            File.Copy(killed.StateFile, _folder.StateFile);
            File.Copy($"{killed.StateFile}-wal", wal);
        }

        var before = await File.ReadAllBytesAsync(wal);
        await AssertRefusedAsync($"it has version 9, and this broker supports versions up to {StateSchema.Migrations.Count}");

        Assert.That(before, Is.Not.Empty);
        Assert.That(await File.ReadAllBytesAsync(wal), Is.EqualTo(before));
    }

    [TestCase(100)]
    [TestCase(4_096)]
    [TestCase(100_000)]
    public async Task Garbage_is_refused_and_left_unchanged(int length)
    {
        var garbage = new byte[length];
        new Random(length).NextBytes(garbage);
        await File.WriteAllBytesAsync(_folder.StateFile, garbage);

        await AssertRefusedAsync("it is not a SQLite file");
    }

    [Test]
    public async Task A_truncated_file_is_refused_and_left_unchanged([Values(1, 2, 3)] int quarters)
    {
        await FillAsync();
        using (var file = File.OpenWrite(_folder.StateFile))
        {
            file.SetLength(file.Length * quarters / 4);
        }

        await AssertRefusedAsync("it is damaged");
    }

    [Test]
    public async Task A_file_with_a_corrupt_page_is_refused_and_left_unchanged()
    {
        await FillAsync();
        using (var file = File.OpenWrite(_folder.StateFile))
        {
            file.Position = file.Length / 2 / 4_096 * 4_096;
            file.Write(new byte[4_096]);
        }

        await AssertRefusedAsync("it is damaged");
    }

    [Test]
    public async Task An_empty_file_beside_a_wal_is_refused_and_both_are_left_unchanged()
    {
        await File.WriteAllBytesAsync(_folder.StateFile, []);
        await File.WriteAllBytesAsync($"{_folder.StateFile}-wal", [1, 2, 3]);

        await AssertRefusedAsync("it is empty");

        Assert.That(await File.ReadAllBytesAsync($"{_folder.StateFile}-wal"), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public async Task The_database_of_another_program_is_refused_and_left_unchanged()
    {
        Run(_folder.StateFile, "CREATE TABLE of_somebody_else (x)");

        await AssertRefusedAsync("it is the database of another program");
    }

    [Test]
    public async Task Only_one_broker_may_use_the_file_until_it_has_closed_it()
    {
        await using (var first = _folder.OpenStore())
        {
            Assert.That(() => _folder.OpenStore(), Throws.TypeOf<IOException>().With.Message.Contains("another broker uses it"));
            await first.SetKeyHashAsync("bob", "aaaa");
        }

        await using var next = _folder.OpenStore();
        Assert.That(await next.GetKeyHashAsync("bob"), Is.EqualTo("aaaa"));
    }

    /// <summary>A change by hand, as with the sqlite3 shell.</summary>
    internal static void Run(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The test's own text.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private async Task FillAsync()
    {
        await using var store = _folder.OpenStore();
        await Task.WhenAll(Enumerable.Range(0, 2_000).Select(i => store.GrantAsync(TestChannel.Named("agent.owner.topic"), $"agent{i}").AsTask()).ToList());
    }

    // Refused twice: the first refusal must not have made the file acceptable.
    private async Task AssertRefusedAsync(string why)
    {
        var before = await File.ReadAllBytesAsync(_folder.StateFile);

        for (var start = 0; start < 2; start++)
        {
            Assert.That(() => _folder.OpenStore(), Throws.TypeOf<IOException>().With.Message.StartsWith($"{_folder.StateFile}: {why}"));
        }

        Assert.That(await File.ReadAllBytesAsync(_folder.StateFile), Is.EqualTo(before));
    }
}
