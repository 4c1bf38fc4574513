namespace ClawEvents.Broker.Mcp;

/// <summary>What every HTTP request passes, for requests that the broker makes to itself.</summary>
internal sealed class RequestPipeline
{
    private RequestDelegate _pipeline = _ => throw new InvalidOperationException("The pipeline is built with the application.");

    /// <summary>Puts itself before all middleware that is added later.</summary>
    public void Capture(IApplicationBuilder application) => application.Use(next =>
    {
        _pipeline = next;
        return next;
    });

    public Task RunAsync(HttpContext context) => _pipeline(context);
}
