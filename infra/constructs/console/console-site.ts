import { Aws, Validations } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  FunctionUrlOriginAccessControl,
  HttpVersion,
  OriginRequestPolicy,
  PriceClass,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { FunctionUrlOrigin, RestApiOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { FunctionUrlAuthType, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ofStage } from '../../../core/stage.ts';

export interface ConsoleSiteProps {
  /** What answers with the console's files. */
  readonly pages: LambdaFunction;
  readonly api: RestApi;
  readonly stage: string | undefined;
}

/** The API has no `/api` in its paths. */
const withoutPrefix = `function handler(event) {
  var request = event.request;
  request.uri = request.uri.slice('/api'.length);
  return request;
}
`;

/**
 * One address for the page and the API, so that a page needs no other origin's leave to call it. The function that has the files can be
 * called by this distribution alone: its URL takes signed requests, and CloudFront signs them.
 */
export class ConsoleSite extends Construct {
  /** `https://…`, without a slash at its end. */
  readonly origin: string;

  constructor(scope: Construct, id: string, { pages, api, stage }: ConsoleSiteProps) {
    super(scope, id);
    // CloudFront's names are of the account, whatever Region the stack is in.
    const named = (name: string) => ofStage(`${name}-${Aws.REGION}`, stage);
    const url = pages.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM });
    const signed = new FunctionUrlOriginAccessControl(this, 'SignedRequests', {
      originAccessControlName: named('caudal-console'),
    });
    const prefix = new EdgeFunction(this, 'WithoutPrefix', {
      functionName: named('caudal-console-api'),
      comment: 'Takes /api from the path',
      runtime: FunctionRuntime.JS_2_0,
      code: FunctionCode.fromInline(withoutPrefix),
    });
    const distribution = new Distribution(this, 'Distribution', {
      comment: ofStage('caudal-console', stage),
      priceClass: PriceClass.PRICE_CLASS_100,
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultBehavior: {
        origin: FunctionUrlOrigin.withOriginAccessControl(url, { originAccessControl: signed }),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
        // By the answer's own Cache-Control: a year what has its hash in the name, a second the rest. The build has compressed them.
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        compress: false,
      },
      additionalBehaviors: {
        '/api/*': {
          origin: new RestApiOrigin(api),
          viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY, // a redirect would come after a token was sent in the clear
          allowedMethods: AllowedMethods.ALLOW_ALL,
          cachePolicy: CachePolicy.CACHING_DISABLED,
          // All headers, the token's among them, but Host, which has to be the API's own.
          originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
          compress: false, // the API does
          functionAssociations: [{ function: prefix, eventType: FunctionEventType.VIEWER_REQUEST }],
        },
      },
    });
    this.origin = `https://${distribution.distributionDomainName}`;
    Validations.of(distribution).acknowledge(
      { id: 'AwsSolutions-CFR1', reason: 'Who may read is decided by who they are, not by where.' },
      {
        id: 'AwsSolutions-CFR2',
        reason: 'The files are public and bounded; the API behind /api has its own throttling.',
      },
      {
        id: 'AwsSolutions-CFR3',
        reason: "The API's access log has who asked for data; the files are the same for everyone.",
      },
      {
        id: 'AwsSolutions-CFR4',
        reason:
          "CloudFront sets the TLS policy of its own name; browsers that know the page's HSTS take 1.3.",
      },
    );
  }
}
