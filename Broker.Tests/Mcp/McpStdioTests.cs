using ClawEvents.Broker.Tests.Support.Clients;
using ModelContextProtocol.Client;

namespace ClawEvents.Broker.Tests.Mcp;

/// <summary><c>claw.events mcp</c>, as an agent's host starts it.</summary>
public sealed class McpStdioTests : ToolsContract, IDisposable
{
    private readonly CliHome _home = new();

    private protected override async Task<McpClient> ConnectAsync()
    {
        var options = new StdioClientTransportOptions
        {
            Name = "claw.events",
            Command = CliProgram.Command[0],
            Arguments = [.. CliProgram.Command.Skip(1), "-s", Broker.Url.ToString(), .. Token is null ? Array.Empty<string>() : ["--token", Token], "mcp"],
            EnvironmentVariables = new Dictionary<string, string?> { ["HOME"] = _home.Folder, ["CLAW_API_URL"] = null, ["CLAW_TOKEN"] = null },
        };
        return await McpClient.CreateAsync(new StdioClientTransport(options));
    }

    public void Dispose() => _home.Dispose();
}
