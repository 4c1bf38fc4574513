using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>What the built <c>pub</c> does with the different kinds of standard input, which only a shell can give it.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform("Linux")]
internal sealed class PubInputProcessTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(30_000)]
    public async Task A_socket_is_not_read_unasked_and_nothing_is_published(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var input = new RunningStranger("7");

        var shown = await ShellAsync($"{Client(server)} pub public.x < /dev/tcp/{input.Address.Replace(':', '/')} 2>&1; echo \"exit $?\"");

        Assert.That(shown, Does.StartWith("✗ Error: No payload given, and standard input is a socket, which is read only on request\nHow to fix:\n  → Read it").And.EndsWith("exit 1\n"));
        Assert.That(server.Requests, Is.Empty);
    }

    [Test, CancelAfter(30_000)]
    public async Task A_socket_is_read_on_request(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var input = new RunningStranger("7");

        // It answers what is said to it first.
        await ShellAsync($"exec 3<>/dev/tcp/{input.Address.Replace(':', '/')}; echo hello >&3; {Client(server)} pub public.x - <&3");

        Assert.That(server.Requests.Single().Body, Is.EqualTo("""{"channel":"public.x","payload":7}"""));
    }

    [TestCase("printf '\\377\\376'")]
    [TestCase("printf 'a\\000b'")]
    [TestCase("head -c 100 /bin/sh")]
    [CancelAfter(30_000)]
    public async Task Binary_input_is_refused(string source, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();

        var published = await ShellAsync($"{source} | {Client(server)} pub public.x 2>&1");
        var validated = await ShellAsync($"{source} | {Client(server)} validate 2>&1");

        Assert.That(published, Does.StartWith("✗ Error: The input is binary: it is not text in UTF-8\nHow to fix:\n  → Encode it"));
        Assert.That(validated, Does.StartWith("✗ Error: The input is binary"));
        Assert.That(server.Requests, Is.Empty);
    }

    private string Client(CliServerDouble server) => $"HOME={_home.Folder} {CliProgram.InShell} -s {server.Url} -t t";

    private async Task<string> ShellAsync(string script)
    {
        await using var shell = RunningProcess.Start("bash", ["-c", script], _home.Folder);
        return await shell.ReadToEndAsync();
    }
}
