// AWS Signer's story, told by the AWS SDK for JavaScript. What happened goes to standard output
// as JSON; the test that started this judges it.
//
//   node story.mjs CODE.zip        with the environment that SignerServer.environ() gives

import { readFile } from "node:fs/promises";
import {
  AddProfilePermissionCommand,
  DescribeSigningJobCommand,
  GetRevocationStatusCommand,
  GetSigningProfileCommand,
  ListProfilePermissionsCommand,
  ListTagsForResourceCommand,
  PutSigningProfileCommand,
  ResourceNotFoundException,
  RevokeSignatureCommand,
  RevokeSigningProfileCommand,
  SignerClient,
  SignPayloadCommand,
  StartSigningJobCommand,
  paginateListSigningJobs,
  waitUntilSuccessfulSigningJob,
} from "@aws-sdk/client-signer";

const NOTATION = "Notation-OCI-SHA384-ECDSA";
const PAYLOAD = '{"targetArtifact":{"mediaType":"text/plain","digest":"sha256:0","size":1}}';

const endpoint = process.env.AWS_ENDPOINT_URL;
// Nobody resolves data-127.0.0.1, where GetRevocationStatus would go.
const client = new SignerClient({ endpoint, disableHostPrefix: true });
const told = {};

async function put(path, body) {
  const answer = await fetch(`${endpoint}/_signer_mock/objects/${path}`, { method: "PUT", body });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

await put("code");
await put("signed?versioning=false");
const { version } = await put("code/app.zip", await readFile(process.argv[2]));

const lambda = await client.send(
  new PutSigningProfileCommand({
    profileName: "code",
    platformId: "AWSLambda-SHA384-ECDSA",
    tags: { team: "a" },
  }),
);
const images = await client.send(
  new PutSigningProfileCommand({ profileName: "images", platformId: NOTATION }),
);
told.profileVersionArns = [lambda.profileVersionArn, images.profileVersionArn];
told.tags = (await client.send(new ListTagsForResourceCommand({ resourceArn: lambda.arn }))).tags;

const started = [];
for (let number = 0; number < 5; number += 1) {
  const { jobId } = await client.send(
    new StartSigningJobCommand({
      source: { s3: { bucketName: "code", key: "app.zip", version } },
      destination: { s3: { bucketName: "signed", prefix: "js-" } },
      profileName: "code",
    }),
  );
  started.push(jobId);
}
const waited = await waitUntilSuccessfulSigningJob(
  { client, maxWaitTime: 30 },
  { jobId: started[0] },
);
told.waited = waited.state;
const job = await client.send(new DescribeSigningJobCommand({ jobId: started[0] }));
told.job = { status: job.status, key: job.signedObject.s3.key, isDate: job.createdAt instanceof Date };

told.pages = [];
for await (const page of paginateListSigningJobs({ client, pageSize: 2 }, {})) {
  told.pages.push(page.jobs.map((listed) => listed.jobId));
}
told.started = started;

const signature = await client.send(
  new SignPayloadCommand({
    profileName: "images",
    payload: new TextEncoder().encode(PAYLOAD),
    payloadFormat: "application/vnd.cncf.notary.payload.v1+json",
  }),
);
told.envelope = Buffer.from(signature.signature).toString("base64");

const added = await client.send(
  new AddProfilePermissionCommand({
    profileName: "images",
    statementId: "partner",
    action: "signer:SignPayload",
    principal: "210987654321",
  }),
);
const listed = await client.send(new ListProfilePermissionsCommand({ profileName: "images" }));
told.permissions = {
  sameRevision: added.revisionId === listed.revisionId,
  principals: listed.permissions.map((permission) => permission.principal),
};

const question = new GetRevocationStatusCommand({
  signatureTimestamp: new Date(),
  platformId: NOTATION,
  profileVersionArn: images.profileVersionArn,
  jobArn: images.arn.replace(/\/signing-profiles\/.*/, `/signing-jobs/${signature.jobId}`),
  certificateHashes: ["0".repeat(192), "1".repeat(192)],
});
told.revokedBefore = (await client.send(question)).revokedEntities;
await client.send(new RevokeSignatureCommand({ jobId: started[1], reason: "lost" }));
const revoked = await client.send(new DescribeSigningJobCommand({ jobId: started[1] }));
told.revocation = revoked.revocationRecord.reason;
await client.send(
  new RevokeSigningProfileCommand({
    profileName: "images",
    profileVersion: images.profileVersion,
    reason: "key lost",
    effectiveTime: new Date(Date.now() - 60_000),
  }),
);
told.revokedAfter = (await client.send(question)).revokedEntities;

try {
  await client.send(new GetSigningProfileCommand({ profileName: "nobody" }));
} catch (error) {
  told.error = {
    isTyped: error instanceof ResourceNotFoundException,
    code: error.code,
    status: error.$metadata.httpStatusCode,
    hasMessage: error.message.includes("nobody"),
  };
}

console.log(JSON.stringify(told));
