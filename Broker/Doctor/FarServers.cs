using System.Net;
using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Doctor;

/// <summary>Asks the servers that the broker asks by HTTP, issuers of keys and back ends, whether they are there and what time it is: <c>HEAD /</c>, which no back end counts as an event.</summary>
internal sealed class FarServers(BrokerOptions options, TimeProvider time)
{
    private const string Check = "back-ends";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private IEnumerable<Uri> Origins =>
        new[] { options.Identity.ClientTokens, options.Identity.SubscriptionTokens }.Select(tokens => tokens.KeysAddress?.Origin)
            .Concat(options.Proxies.All.Select(proxy => new Uri(proxy.Endpoint.GetLeftPart(UriPartial.Authority))))
            .OfType<Uri>()
            .Distinct();

    public async Task<(IReadOnlyList<Finding> Findings, IReadOnlyList<ToldTime> Times)> RunAsync()
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Patience };
        var answers = await Task.WhenAll(Origins.Select(origin => AskAsync(client, origin)));
        return ([.. answers.Select(answer => answer.Finding)], [.. answers.Select(answer => answer.Time).OfType<ToldTime>()]);
    }

    /// <summary>The time in an answer's <c>Date</c>; null without one.</summary>
    public static ToldTime? TimeOf(Uri origin, HttpResponseMessage response, DateTimeOffset asked, DateTimeOffset answered) =>
        response.Headers.Date is { } date ? ToldTime.Of(origin.Authority, asked, date, answered, TimeSpan.FromSeconds(1)) : null;

    private async Task<(Finding Finding, ToldTime? Time)> AskAsync(HttpClient client, Uri origin)
    {
        try
        {
            var asked = time.GetUtcNow();
            using var request = new HttpRequestMessage(HttpMethod.Head, origin);
            using var response = await client.SendAsync(request);
            var finding = response.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
                ? Finding.Warning(Check, $"{origin.Authority} answers {(int)response.StatusCode}", "start what is behind it: the broker asks it about events or keys")
                : Finding.Ok(Check, $"{origin.Authority} answers");
            return (finding, TimeOf(origin, response, asked, time.GetUtcNow()));
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            var reason = exception is HttpRequestException ? exception.Message : $"no answer in {Patience.TotalSeconds} s";
            return (Finding.Fault(Check, $"{origin.Authority} cannot be asked: {reason}", "start it, or correct its address: the broker asks it about events or keys"), null);
        }
    }
}
