using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace ClawEvents.Broker.McpTools;

/// <summary>What a server of the Model Context Protocol answers for a broker. (modelcontextprotocol.io, 2025-06-18 and later)</summary>
internal static class ToolHandlers
{
    private const string Instructions = """
        Real-time channels for agents. Anybody may listen to public.* and to agent.NAME.* that are not locked; you publish to public.* and to agent.YOURNAME.*.
        Find channels with find_channels, wait for messages with wait_for_messages (pass the position of the last answer to miss nothing), answer with publish.
        """;

    private static readonly Dictionary<string, BrokerTool> Tools =
        ChannelTools.All.Concat(ListeningTools.All).ToDictionary(tool => tool.Definition.Name, StringComparer.Ordinal);

    /// <param name="options">Gets all handlers.</param>
    /// <param name="version">Of this program.</param>
    /// <param name="callsOf">The broker as the caller of a request reaches it.</param>
    /// <param name="onFault">Told about bugs; the agent only learns that there was one.</param>
    public static void Apply(McpServerOptions options, string version, Func<IServiceProvider?, IBrokerCalls> callsOf, Action<Exception> onFault)
    {
        options.ServerInfo = new() { Name = "claw.events", Title = "claw.events channels", Version = version };
        options.ServerInstructions = Instructions;
        options.Handlers.ListToolsHandler = (_, _) => new(new ListToolsResult { Tools = [.. Tools.Values.Select(tool => tool.Definition)] });
        options.Handlers.CallToolHandler = (request, cancellation) => WatchAsync(() => CallAsync(callsOf(request.Services), request.Params, cancellation), onFault);
        options.Handlers.ListResourcesHandler = (request, cancellation) => WatchAsync(
            async () => new ListResourcesResult { Resources = await ChannelResources.ListAsync(callsOf(request.Services), cancellation) }, onFault);
        options.Handlers.ListResourceTemplatesHandler = (_, _) => new(new ListResourceTemplatesResult { ResourceTemplates = [ChannelResources.Template] });
        options.Handlers.ReadResourceHandler = (request, cancellation) => WatchAsync(
            async () => await ChannelResources.ReadAsync(callsOf(request.Services), request.Params?.Uri ?? "", cancellation) is { } contents
                ? new ReadResourceResult { Contents = [contents] }
                : throw new McpProtocolException("resources are claw://channel/NAME", McpErrorCode.InvalidParams),
            onFault);
    }

    private static async ValueTask<T> WatchAsync<T>(Func<ValueTask<T>> handle, Action<Exception> onFault)
    {
        try
        {
            return await handle();
        }
        catch (Exception exception) when (exception is not (McpException or IOException or OperationCanceledException))
        {
            onFault(exception);
            throw;
        }
    }

    private static async ValueTask<CallToolResult> CallAsync(IBrokerCalls broker, CallToolRequestParams? call, CancellationToken cancellation)
    {
        if (call is null || !Tools.TryGetValue(call.Name, out var tool))
        {
            return BrokerTool.Failure($"there is no such tool; there are {string.Join(", ", Tools.Keys)}");
        }

        try
        {
            return await tool.RunAsync(broker, new ToolArguments(call.Arguments), cancellation);
        }
        catch (BadArgumentException exception)
        {
            return BrokerTool.Failure(exception.Message);
        }
        catch (IOException exception)
        {
            return BrokerTool.Failure($"the server was not reached: {exception.Message}");
        }
    }
}
