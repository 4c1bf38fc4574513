using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using ClawEvents.Broker.Files;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace ClawEvents.Broker.Acme;

/// <summary>Wires the certificates that the broker gets itself. docs/how-to/get-certificates.md</summary>
internal static class AcmeRoom
{
    private const string ChallengePath = "/.well-known/acme-challenge";

    private static readonly SslApplicationProtocol Protocol = new("acme-tls/1");

    /// <exception cref="AcmeException">The folder cannot be used.</exception>
    public static void Add(IServiceCollection services, AcmeOptions options)
    {
        try
        {
            DataFolder.Make(options.Folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AcmeException($"the folder '{options.Folder}' cannot be used: {exception.Message.TrimEnd('.')}", exception);
        }

        services.AddSingleton(options).AddSingleton<AcmeChallenges>().AddSingleton<AcmeCertificates>().AddHostedService(provider => provider.GetRequiredService<AcmeCertificates>());
    }

    /// <summary>TLS of a port with these certificates, and the answer to challenges in it.</summary>
    public static void UseTls(ListenOptions listen)
    {
        var certificates = listen.ApplicationServices.GetRequiredService<AcmeCertificates>();
        var challenges = listen.ApplicationServices.GetRequiredService<AcmeChallenges>();
        listen.Use(next => async context =>
        {
            if (await AsksForAcmeAsync(context.Transport.Input))
            {
                context.Features.Set(Mark.OfChallenge);
            }

            await next(context);
        });
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = async hello => hello.Connection.Features.Get<Mark>() is null
                ? new() { ServerCertificateContext = await certificates.FindAsync(hello.ClientHelloInfo.ServerName, hello.CancellationToken) }
                : new() { ServerCertificateContext = challenges.FindTls(hello.ClientHelloInfo.ServerName), ApplicationProtocols = [Protocol] },
        });
    }

    /// <summary>Marks connections to the port for challenges.</summary>
    public static void UseHttp(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => context =>
        {
            context.Features.Set(Mark.OfPort);
            return next(context);
        });
    }

    /// <summary>Answers requests over the port for challenges; others are sent to the same address with TLS.</summary>
    public static void Use(WebApplication application)
    {
        var challenges = application.Services.GetRequiredService<AcmeChallenges>();
        application.Use(next => context => context.Features.Get<Mark>() == Mark.OfPort ? AnswerAsync(context, challenges) : next(context));
    }

    private static Task AnswerAsync(HttpContext context, AcmeChallenges challenges)
    {
        if (context.Request.Path.StartsWithSegments(ChallengePath, out var rest))
        {
            if (challenges.FindHttp(rest.Value!.TrimStart('/')) is { } answer)
            {
                return context.Response.WriteAsync(answer);
            }

            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Redirect($"https://{context.Request.Host.Host}{context.Request.Path}{context.Request.QueryString}");
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
        }

        return Task.CompletedTask;
    }

    // Consumes nothing.
    private static async ValueTask<bool> AsksForAcmeAsync(PipeReader input)
    {
        while (true)
        {
            var read = await input.ReadAsync();
            var asks = ClientHello.AsksForAcme(read.Buffer.Slice(0, Math.Min(read.Buffer.Length, ClientHello.MaxBytes + 5)).ToArray());
            var isDecided = asks is not null || read.IsCompleted || read.IsCanceled || read.Buffer.Length > ClientHello.MaxBytes;
            input.AdvanceTo(read.Buffer.Start, isDecided ? read.Buffer.Start : read.Buffer.End);
            if (isDecided)
            {
                return asks is true;
            }
        }
    }

    private sealed class Mark
    {
        public static Mark OfPort { get; } = new();

        public static Mark OfChallenge { get; } = new();
    }
}
