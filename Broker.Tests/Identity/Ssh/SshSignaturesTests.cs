using System.Runtime.Versioning;
using ClawEvents.Broker.Identity.Ssh;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Tests.Identity.Ssh;

/// <summary>Checks with programs that misbehave instead of ssh-keygen.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[UnsupportedOSPlatform("windows")]
internal sealed class SshSignaturesTests : IDisposable
{
    private static readonly SshPublicKey Key = ParseKey("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILxyzQ5o8nmp5lVA1wTwC5tcg75iLop76D1VNfLnBsom");

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task A_program_that_hangs_is_killed_after_five_seconds_and_its_folder_removed()
    {
        using var signatures = await WithProgramAsync(Hang());
        var check = signatures.CheckAsync(Key, "text", "signature", CancellationToken.None);
        var folder = await ReadStartedAsync();
        Assert.That(File.GetUnixFileMode(folder), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));

        _time.Advance(SshKeygen.MaxRun - TimeSpan.FromSeconds(1));
        var isDoneBefore = check.IsCompleted;
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(await check.WaitAsync(RunningBroker.Patience), Is.EqualTo(SignatureCheck.Failed));
        Assert.That(isDoneBefore, Is.False);
        Assert.That(Directory.Exists(folder), Is.False);
    }

    [Test]
    public async Task Four_checks_run_at_a_time_and_a_fifth_waits_at_most_two_seconds()
    {
        using var signatures = await WithProgramAsync(Hang());
        var running = new List<Task<SignatureCheck>>();
        for (var i = 0; i < SshSignatures.MaxRunning; i++)
        {
            running.Add(signatures.CheckAsync(Key, "text", "signature", CancellationToken.None));
            await ReadStartedAsync();
        }

        var fifth = signatures.CheckAsync(Key, "text", "signature", CancellationToken.None);
        _time.Advance(SshSignatures.MaxWait);
        Assert.That(await fifth.WaitAsync(RunningBroker.Patience), Is.EqualTo(SignatureCheck.Busy));
        Assert.That(running.Any(check => check.IsCompleted), Is.False);

        _time.Advance(SshKeygen.MaxRun);
        await Task.WhenAll(running).WaitAsync(RunningBroker.Patience);

        // All four may run again.
        var next = signatures.CheckAsync(Key, "text", "signature", CancellationToken.None);
        await ReadStartedAsync();
        _time.Advance(SshKeygen.MaxRun);
        Assert.That(await next.WaitAsync(RunningBroker.Patience), Is.EqualTo(SignatureCheck.Failed));
    }

    [Test]
    public async Task A_cancelled_request_kills_its_program()
    {
        using var signatures = await WithProgramAsync(Hang());
        using var request = new CancellationTokenSource();
        var check = signatures.CheckAsync(Key, "text", "signature", request.Token);
        var folder = await ReadStartedAsync();

        await request.CancelAsync();

        Assert.That(async () => await check.WaitAsync(RunningBroker.Patience), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Directory.Exists(folder), Is.False);
    }

    [TestCase("exit 0", SignatureCheck.Failed)]
    [TestCase("echo 'Good \"file\" signature for signer with x'", SignatureCheck.Failed)]
    [TestCase("echo 'Good \"claw.events\" signature for signer with x'; exit 1", SignatureCheck.Failed)]
    [TestCase("echo 'No user exists for uid 5' >&2; exit 255", SignatureCheck.Failed)]
    [TestCase("kill -9 $$", SignatureCheck.Failed)]
    [TestCase("yes", SignatureCheck.Failed)]
    [TestCase("echo 'Could not verify signature.'; exit 255", SignatureCheck.Bad)]
    [TestCase("[ \"$(cat)\" = text ] && [ \"$(cat signature)\" = signature ] && echo 'Good \"claw.events\" signature for signer with x'", SignatureCheck.Good)]
    [TestCase("[ \"$*\" = '-Y verify -f allowed_signers -I signer -n claw.events -s signature' ] && echo 'Good \"claw.events\" signature for signer with x'", SignatureCheck.Good)]
    [TestCase("[ -z \"$JWT_SECRET$HOME$DOTNET_ROOT\" ] && echo 'Good \"claw.events\" signature for signer with x'", SignatureCheck.Good)]
    public async Task Only_the_output_of_ssh_keygen_for_a_good_signature_counts(string script, SignatureCheck expected)
    {
        // The system's clock: one of these never ends.
        using var signatures = await WithProgramAsync(script, TimeProvider.System);

        Assert.That(await signatures.CheckAsync(Key, "text", "signature", CancellationToken.None), Is.EqualTo(expected));
    }

    [Test]
    public async Task A_file_that_cannot_be_executed_counts_as_a_missing_program()
    {
        var path = Path.Combine(_folder.Path, "text");
        await File.WriteAllTextAsync(path, "no program");
        using var signatures = new SshSignatures(new SshKeygen(path, _time), _time, NullLogger<SshSignatures>.Instance);

        Assert.That(await signatures.CheckAsync(Key, "text", "signature", CancellationToken.None), Is.EqualTo(SignatureCheck.NoProgram));
    }

    private static SshPublicKey ParseKey(string text) => SshPublicKey.TryParse(text, out var key) ? key : throw new FormatException(text);

    private string Started => Path.Combine(_folder.Path, "started");

    // Writes its folder into the pipe, for the test to read.
    private string Hang() => $"pwd > '{Started}'; exec sleep 1000";

    private Task<string> ReadStartedAsync() => Task.Run(() => File.ReadAllText(Started).Trim()).WaitAsync(RunningBroker.Patience);

    // Copied by another process: a program cannot be run while this process, or a child it is just starting, has it open for writing.
    private async Task<SshSignatures> WithProgramAsync(string script, TimeProvider? time = null)
    {
        var path = Path.Combine(_folder.Path, "program");
        await File.WriteAllTextAsync($"{path}.sh", $"#!/bin/sh\n{script}\n");
        await using var copy = RunningProcess.Start("/bin/sh", ["-c", "cp program.sh program && chmod 700 program && mkfifo started"], _folder.Path);
        Assert.That(await copy.WaitForExitAsync(), Is.Zero);
        return new SshSignatures(new SshKeygen(path, time ?? _time), time ?? _time, NullLogger<SshSignatures>.Instance);
    }
}
