using ClawEvents.Broker.McpTools;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;
using ModelContextProtocol.Server;

namespace ClawEvents.Cli.Commands.Agents;

/// <summary>Serves the tools for agents over standard input and output, until the agent closes its input.</summary>
internal sealed class McpCommand() : Verb("mcp", new VerbHelp(
    "Give an AI agent tools for channels, by the Model Context Protocol",
    "claw.events mcp",
    "commands/mcp",
    "claw mcp add claw-events -- claw.events mcp",
    "CLAW_API_URL=https://broker.example claw.events mcp"))
{
    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        using var calls = new NetworkCalls(invocation.ReloadSettings, invocation.Trust);
        var options = new McpServerOptions();
        ToolHandlers.Apply(options, ProgramVersion.Text, _ => calls, exception => invocation.Output.WriteNotice($"A tool failed: {exception.Message}"));
        await using var server = McpServer.Create(new StdioServerTransport("claw.events"), options);
        await server.RunAsync();
        return new Finished(0);
    }
}
