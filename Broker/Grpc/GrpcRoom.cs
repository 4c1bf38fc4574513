using ClawEvents.Broker.Api;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Grpc.Messages;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Transports;
using Grpc.Core;
using Grpc.Reflection;
using Grpc.Reflection.V1Alpha;
using Microsoft.AspNetCore.Http.Features;

namespace ClawEvents.Broker.Grpc;

/// <summary>Wires the doors that speak gRPC. Nothing of the library is loaded while the server API over gRPC is off. docs/decisions/0020-grpc.md</summary>
internal static class GrpcRoom
{
    /// <exception cref="Connections.CertificateException">TLS files are invalid, or a certificate is not valid now.</exception>
    public static void Add(IServiceCollection services, GrpcOptions options)
    {
        services.AddSingleton(options).AddSingleton(new GrpcPorts(options)).AddSingleton<GrpcApiKey>();
        if (options.Api is { } door)
        {
            AddApi(services, options, door);
        }
    }

    /// <summary>Answers requests over the ports for gRPC, which pass none of the other middleware.</summary>
    public static void Use(WebApplication application, GrpcOptions options)
    {
        var api = options.Api is null ? null : ApiPipeline(application.Services, options);
        var stream = options.Stream is null ? null : StreamPipeline(application.Services);
        application.Use(next => context =>
            GrpcPorts.DoorOf(context) is not { } door ? next(context) : door == options.Api ? api!(context) : stream!(context));
    }

    private static void AddApi(IServiceCollection services, GrpcOptions options, GrpcListener door)
    {
        services.AddSingleton<ApiService>();
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = door.MaxMessageBytes;

            // A history may be long; its limits are those of the channel.
            grpc.MaxSendMessageSize = null;
        });
        if (options.HasApiReflection)
        {
            services.AddSingleton(new ReflectionServiceImpl(CentrifugoApi.Descriptor, ServerReflection.Descriptor));
        }

        // The library logs what callers cause as errors of the server.
        services.AddLogging(logging => logging.AddFilter("Grpc", LogLevel.None));
    }

    // A pipeline of its own: its paths exist on no other port, and those of other ports not here.
    private static RequestDelegate ApiPipeline(IServiceProvider services, GrpcOptions options)
    {
        var pipeline = new ApplicationBuilder(services);
        pipeline.UseMiddleware<RequestLog>();
        pipeline.Use(next => context => CheckKeyAsync(context, next));
        pipeline.UseRouting();
        pipeline.UseEndpoints(endpoints =>
        {
            endpoints.MapGrpcService<ApiService>();
            if (options.HasApiReflection)
            {
                endpoints.MapGrpcService<ReflectionServiceImpl>();
            }
        });
        return pipeline.Build();
    }

    private static RequestDelegate StreamPipeline(IServiceProvider services)
    {
        var endpoint = services.GetRequiredService<UniGrpcEndpoint>();
        var pipeline = new ApplicationBuilder(services);
        pipeline.UseMiddleware<RequestLog>();
        pipeline.Run(endpoint.HandleAsync);
        return pipeline.Build();
    }

    private static Task CheckKeyAsync(HttpContext context, RequestDelegate next)
    {
        if (context.RequestServices.GetRequiredService<GrpcApiKey>().IsRight(context.Request))
        {
            // The library has a limit for each message, and a status for more.
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
            return next(context);
        }

        context.RequestServices.GetRequiredService<BrokerMetrics>().AuthenticationFailed("grpc_api", "wrong_key");
        return UniGrpcEndpoint.RefuseAsync(context.Response, StatusCode.Unauthenticated, "the metadata must have authorization: apikey KEY, with the key in GrpcApiKey");
    }
}
