using ClawEvents.Broker.McpTools;
using ClawEvents.Broker.Text;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Server;

namespace ClawEvents.Broker.Mcp;

/// <summary>Wires the door for agents that speak the Model Context Protocol over HTTP. docs/how-to/connect-an-agent.md</summary>
internal static partial class McpRoom
{
    private const string Path = "/mcp";

    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<RequestPipeline>().AddSingleton<McpDoor>().AddHttpContextAccessor();
        services.AddOptions<McpServerOptions>().Configure<ILoggerFactory>((options, loggers) =>
        {
            var logger = loggers.CreateLogger(typeof(McpRoom).Namespace!);
            ToolHandlers.Apply(options, BrokerVersion.Number, CallsOf, exception => Log.Failed(logger, exception));
        });
        services.AddMcpServer().WithHttpTransport(http => http.Stateless = true);

        // The library's sweep of idle sessions: there are none.
        foreach (var sweep in services.Where(service => service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Assembly == typeof(HttpServerTransportOptions).Assembly).ToList())
        {
            services.Remove(sweep);
        }

        // The library logs what callers cause as errors of the server.
        services.AddLogging(logging => logging.AddFilter("ModelContextProtocol", LogLevel.None));
    }

    /// <summary>Comes before all middleware.</summary>
    public static void Use(WebApplication application) => application.Services.GetRequiredService<RequestPipeline>().Capture(application);

    public static void Map(WebApplication application)
    {
        var door = application.Services.GetRequiredService<McpDoor>();
        var group = application.MapGroup("");
        group.ExcludeFromDescription();
        group.MapMcp(Path).Add(endpoint => endpoint.RequestDelegate = door.Guard(endpoint.RequestDelegate!));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A tool for agents failed.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }

    private static InnerCalls CallsOf(IServiceProvider? services) => new(
        services!.GetRequiredService<RequestPipeline>(), services!.GetRequiredService<IHttpContextAccessor>().HttpContext!);
}
