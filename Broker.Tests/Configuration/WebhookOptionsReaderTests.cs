using System.Net;
using ClawEvents.Broker.Configuration;
using Microsoft.Extensions.Configuration;

namespace ClawEvents.Broker.Tests.Configuration;

internal sealed class WebhookOptionsReaderTests
{
    [Test]
    public void Every_setting_is_read()
    {
        var options = Read(
            out var faults,
            ("Webhooks", "false"), ("MaxWebhooksPerOwner", "3"), ("MaxWebhooks", "5"), ("WebhookTimeoutSeconds", "7"), ("WebhookRetryHours", "48"),
            ("WebhookAllowedNetworks", "10.0.0.0/8, 127.0.0.1 fd00::/8"), ("WebhookAllowHttp", "true"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(faults, Is.Empty);
            Assert.That((options.IsOn, options.AllowsHttp), Is.EqualTo((false, true)));
            Assert.That((options.MaxOfOwner, options.MaxInAll), Is.EqualTo((3, 5)));
            Assert.That((options.Timeout, options.RetryTime), Is.EqualTo((TimeSpan.FromSeconds(7), TimeSpan.FromDays(2))));
            Assert.That(options.AllowedNetworks, Is.EqualTo(new[] { IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("127.0.0.1/32"), IPNetwork.Parse("fd00::/8") }));
        }
    }

    [TestCase("WebhookAllowedNetworks", "10.0.0.0/33", "WebhookAllowedNetworks: '10.0.0.0/33' is neither an IP address nor a network whose host bits are 0 10.0.0.0/8")]
    [TestCase("WebhookAllowedNetworks", "unix", "WebhookAllowedNetworks: 'unix' is neither an IP address nor a network whose host bits are 0 10.0.0.0/8")]
    [TestCase("WebhookTimeoutSeconds", "0", "WebhookTimeoutSeconds: '0' is not a whole number from 1 to 60 10")]
    [TestCase("Webhooks", "no", "Webhooks: 'no' is neither true nor false true")]
    public void A_wrong_setting_is_named(string name, string value, string fault)
    {
        Read(out var faults, (name, value));

        Assert.That(faults, Is.EqualTo(new[] { fault }));
    }

    private static WebhookOptions Read(out List<string> faults, params (string Name, string Value)[] settings)
    {
        var found = new List<string>();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build();
        var options = new WebhookOptionsReader(configuration, (name, fault, example) => found.Add($"{name}: {fault} {example}")).Read();
        faults = found;
        return options;
    }
}
