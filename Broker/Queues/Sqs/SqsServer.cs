using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.Runtime.Credentials;
using Amazon.SQS;
using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Queues.Sqs;

/// <summary>Translates options to what the client library needs.</summary>
internal static class SqsServer
{
    private const string SessionName = "clawevents-broker";

    // Besides the time for which the server may hold a question.
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(20);

    /// <exception cref="AmazonClientException">There are no credentials, or no region.</exception>
    public static AmazonSQSClient Open(SqsOptions options) => new(CredentialsOf(options), ConfigOf(options));

    private static AmazonSQSConfig ConfigOf(SqsOptions options)
    {
        var config = new AmazonSQSConfig { Timeout = options.PollWait + AnswerTime };
        if (options.Profile is { } profile)
        {
            config.Profile = new Profile(profile);
        }

        if (options.Region is { } region)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        if (options.Endpoint is { } endpoint)
        {
            // The library knows either a region or a server; what it signs has a region all the same.
            config.AuthenticationRegion = options.Region ?? "us-east-1";
            config.ServiceURL = endpoint;
        }

        return config;
    }

    private static AWSCredentials CredentialsOf(SqsOptions options)
    {
        var own = options.Profile is { } profile ? OfProfile(profile) : DefaultAWSCredentialsIdentityResolver.GetCredentials();
        return options.Role is { } role ? new AssumeRoleAWSCredentials(own, role, SessionName) : own;
    }

    private static AWSCredentials OfProfile(string profile) =>
        new CredentialProfileStoreChain().TryGetAWSCredentials(profile, out var credentials) ? credentials : throw new AmazonClientException($"there is no profile {profile} with credentials");
}
