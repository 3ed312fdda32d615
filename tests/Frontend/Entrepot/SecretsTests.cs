using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot;
using Grid.Frontend.Entrepot.Security;
using Microsoft.Extensions.Options;

namespace Grid.Frontend.Tests.Entrepot;

public sealed class SecretsTests
{
    [Fact]
    public async Task First_starts_at_once_over_one_folder_agree_on_every_secret()
    {
        var folder = Directory.CreateTempSubdirectory("grid-secrets-").FullName;
        try
        {
            var options = Options.Create(new EntrepotOptions
            {
                DataFolder = folder, Communities = [new CommunityOptions()], Accounts = [new AccountOptions { Login = "demo" }], Clients = [new ClientOptions { Id = "c", Account = "demo" }],
            });
            using var all = new Barrier(8);
            var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(() =>
            {
                all.SignalAndWait();
                return new Secrets(options);
            }, TaskCreationOptions.LongRunning)));

            var file = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "secrets.json")))!;
            Assert.All(made, secrets => Assert.Equal((string)file["token_key"]!, Convert.ToBase64String(secrets.TokenKey)));
            Assert.All(made, secrets => Assert.True(secrets.IsPasswordOf((string)file["login"]!, (string)file["password"]!)));
            Assert.All(made, secrets => Assert.True(secrets.IsSecretOf((string)file["client_id"]!, (string)file["client_secret"]!)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
